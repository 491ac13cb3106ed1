// switchyard optimize with a sweep's file, as a user meets it.
#include "tests/formats/scratch_folder.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <sys/wait.h>

using namespace switchyard;
using Catch::Matchers::ContainsSubstring;

namespace {

struct Result {
    int status = 0;
    std::string out; // and what was said on standard error
};

Result optimize(const formats::ScratchFolder& folder, const std::string& arguments, const std::string& before = "") {
    const std::string line =
        "cd '" + (folder / "") + "' && " + before + " '" SWITCHYARD_EXECUTABLE "' optimize " + arguments + " 2>&1";
    std::FILE* const pipe = ::popen(line.c_str(), "r");
    REQUIRE(pipe != nullptr);
    Result result;
    std::array<char, 4096> some{};
    while (const std::size_t count = std::fread(some.data(), 1, some.size(), pipe))
        result.out.append(some.data(), count);
    const int status = ::pclose(pipe);
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return result;
}

// Tasks that compute so long, in turns of a slice.
void write_sweep(const formats::ScratchFolder& folder, const std::string& work) {
    folder.write("s.yaml", R"(
scenario:
  machine: {cores: 1, profile: reference, hz: 0}
  scheduler: {policy: rr, slice: 1ms}
  tasks: {worker: {count: 8, do: [compute: )" +
                               work + R"(]}}
parameters:
  slice: {path: scheduler.slice, log: [10us, 20ms], points: 5}
  tasks: {path: tasks.worker.count, range: [2, 9], step: 1}
  machine: {choices: {plain: [], ticks: ['machine.hz=1000']}}
metrics: {overhead: overhead, response: task.worker.response}
)");
}

} // namespace

TEST_CASE("optimize searches a sweep, and finds everything there when it does so again") {
    const formats::ScratchFolder folder;
    write_sweep(folder, "20ms");
    const std::string arguments = "s.yaml --minimize overhead --subject-to 'response <= 2ms' --subject-to "
                                  "'makespan >= 100ms' --evaluations 80";
    const Result first = optimize(folder, arguments);
    INFO(first.out);
    CHECK(first.status == 0);
    CHECK_THAT(first.out, ContainsSubstring("least overhead: "));
    CHECK_THAT(first.out, ContainsSubstring(">= 100 ms  active"));
    CHECK_THAT(first.out, ContainsSubstring("cells computed, 0 found in s.sqlite; the search ended: "));
    const Result again = optimize(folder, arguments + " --json");
    CHECK(again.status == 0);
    const nlohmann::json json = nlohmann::json::parse(again.out);
    CHECK(json["search"]["computed"] == 0);
    CHECK(json["search"]["found"] == json["cells"]);
    CHECK(json["cells"].get<int>() <= 80);
    CHECK(json["parameters"]["machine"] == "plain");
    CHECK(json["constraints"].size() == 2);

    const Result none = optimize(folder, "s.yaml --minimize overhead --subject-to 'response <= 1us' --evaluations 30");
    CHECK(none.status == 1);
    CHECK_THAT(none.out, ContainsSubstring("No cell keeps the constraints. The nearest:"));
    // The points are the sweep's.
    CHECK(optimize(folder, "s.sqlite --minimize overhead --subject-to 'response <= 2ms'").status == 0);
}

TEST_CASE("optimize that is interrupted says how to go on, and goes on") {
    const formats::ScratchFolder folder;
    write_sweep(folder, "100s");
    const std::string arguments = "s.yaml --minimize overhead --subject-to 'response <= 50us' -o found.db ";
    const Result cut = optimize(folder, arguments, "timeout --preserve-status -s INT 1");
    INFO(cut.out);
    CHECK(cut.status == 130);
    CHECK_THAT(cut.out, ContainsSubstring("of 200 evaluations are done"));
    CHECK_THAT(cut.out, ContainsSubstring("the same command goes on from found.db"));
}

TEST_CASE("optimize says what it cannot do in one line") {
    const formats::ScratchFolder folder;
    write_sweep(folder, "20ms");
    const auto refused = [&](const std::string& arguments, const std::string& why) {
        const Result result = optimize(folder, arguments);
        INFO(result.out);
        CHECK(result.status == 2);
        CHECK_THAT(result.out, ContainsSubstring(why));
        CHECK(std::count(result.out.begin(), result.out.end(), '\n') == 1);
    };
    refused("s.yaml", "--minimize METRIC");
    refused("s.yaml --minimize slice", "'slice' is a parameter");
    refused("s.yaml --minimize overhaed", "did you mean 'overhead'");
    refused("s.yaml --minimize overhead --subject-to 'response < 1ms'", "METRIC <= VALUE");
    refused("s.yaml --minimize overhead --subject-to 'response <= 1KiB'", "response");
    refused("s.yaml --minimize overhead --where 'slice > 1ms'", "s.yaml is a sweep");
    refused("none.yaml --minimize overhead", "none.yaml");
    refused("none.db --minimize overhead", "none.db");
    CHECK(optimize(folder, "s.yaml --minimize overhead --evaluations 10").status == 0);
    refused("s.sqlite --minimize overhead --evaluations 10", "s.sqlite is a database");
}
