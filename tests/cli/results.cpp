// switchyard results, plot and optimize as a user meets them.
#include "tests/formats/scratch_folder.hpp"
#include "tests/lab/results/sample_database.hpp"

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <sys/wait.h>

using namespace switchyard;
using Catch::Matchers::ContainsSubstring;

namespace {

struct Result {
    int status = 0;
    std::string out; // and what was said on standard error
};

// What the shell makes of it where sample.db is, `switchyard` standing for the program.
Result shell(const formats::ScratchFolder& folder, std::string command) {
    const std::string name = "switchyard";
    command.replace(command.find(name), name.size(), std::string("'") + SWITCHYARD_EXECUTABLE + "'");
    const std::string here = (folder / "x").substr(0, (folder / "x").rfind('/'));
    std::FILE* const pipe = ::popen(("cd '" + here + "' && (" + command + ") 2>&1").c_str(), "r");
    REQUIRE(pipe != nullptr);
    Result result;
    std::array<char, 4096> some{};
    while (const std::size_t count = std::fread(some.data(), 1, some.size(), pipe))
        result.out.append(some.data(), count);
    const int status = ::pclose(pipe);
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return result;
}

bool has_gnuplot() { return std::system("gnuplot --version > /dev/null 2>&1") == 0; }

} // namespace

TEST_CASE("results without options say what the sweep is about, and the means") {
    const formats::ScratchFolder folder;
    lab::make_sample(folder / "sample.db");
    const Result result = shell(folder, "switchyard results sample.db");
    CHECK(result.status == 0);
    CHECK_THAT(result.out, ContainsSubstring("slices: Which slice is <long> enough?\nseed 1, model version 7\n"));
    CHECK_THAT(result.out, ContainsSubstring("slice      scheduler.slice  1 ms, 10 ms, 100 ms\n"));
    CHECK_THAT(result.out, ContainsSubstring("12 points: 11 done, 1 not\n  1 failed: a deadlock, with a comma\n"));
    CHECK_THAT(result.out, ContainsSubstring("  1 ms  loop          2    1 ± 1.3 ms"));
    CHECK(shell(folder, "switchyard results sample.db --failed --columns slice,reason").out ==
          " slice  reason\n------  ------------------------\n"
          "100 ms  a deadlock, with a comma\n");
}

TEST_CASE("results are filtered, grouped, sorted and written for other programs") {
    const formats::ScratchFolder folder;
    lab::make_sample(folder / "sample.db");
    CHECK(shell(folder, "switchyard results sample.db --by model --where 'slice = 1ms' --aggregate mean,count "
                        "--columns model,overhead --sort=-overhead --csv")
              .out == "model,overhead.mean,overhead.count\nthreads,0.002,2\nloop,0.001,2\n");
    const Result json = shell(folder, "switchyard results sample.db --json --limit 2");
    CHECK(nlohmann::json::parse(json.out)["rows"].size() == 2);
    const Result refused = shell(folder, "switchyard results sample.db --where 'slcie = 1ms'");
    CHECK(refused.status == 2);
    CHECK_THAT(refused.out, ContainsSubstring("did you mean 'slice'?"));
    CHECK(shell(folder, "switchyard results sample.db --csv --json").status == 2);
    CHECK(shell(folder, "switchyard results nothing.db").status == 2);
}

TEST_CASE("results say what a metric depends on, and optimize which cell is best") {
    const formats::ScratchFolder folder;
    lab::make_sample(folder / "sample.db");
    const Result depends = shell(folder, "switchyard results sample.db --sensitivity overhead");
    CHECK(depends.status == 0);
    CHECK_THAT(depends.out, ContainsSubstring("What overhead depends on, by analysis of variance"));
    const Result best = shell(folder, "switchyard optimize sample.db --minimize overhead --subject-to "
                                      "'memory.resident >= 1GiB' --json");
    CHECK(best.status == 0);
    CHECK(nlohmann::json::parse(best.out)["parameters"] == nlohmann::json{{"slice", 0.1}, {"model", "threads"}});
    const Result none = shell(folder, "switchyard optimize sample.db --minimize overhead --subject-to "
                                      "'memory.resident <= 64KiB'");
    CHECK(none.status == 1);
    CHECK_THAT(none.out, ContainsSubstring("No cell keeps the constraints. The nearest:"));
    CHECK_THAT(none.out, ContainsSubstring("exceeded"));
    CHECK(shell(folder, "switchyard optimize sample.db").status == 2);
}

TEST_CASE("what docs/results.md shows can be typed in") {
    const formats::ScratchFolder folder;
    if (!has_gnuplot()) SKIP("no gnuplot");
    lab::make_sample(folder / "sample.db");
    folder.write("slices.yaml", R"(
scenario:
  machine: {cores: 1, profile: reference, hz: 0}
  scheduler: {policy: rr, slice: 1ms}
  tasks: {worker: {count: 8, do: [compute: 20ms]}}
parameters: {slice: {path: scheduler.slice, log: [10us, 20ms], points: 5}}
metrics: {overhead: overhead, response: task.worker.response}
)");
    std::ifstream file(SWITCHYARD_SOURCE_DIR "/docs/results.md");
    int commands = 0;
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with("    switchyard ")) continue;
        const Result result = shell(folder, line.substr(4));
        INFO(line << "\n" << result.out);
        CHECK(result.status == 0);
        ++commands;
    }
    CHECK(commands >= 10);
    CHECK_THAT(folder.read("report.html"), ContainsSubstring("</html>"));
    CHECK(folder.read("overhead.png").starts_with("\x89PNG"));
}
