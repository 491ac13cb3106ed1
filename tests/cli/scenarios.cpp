// switchyard scenarios, and scenarios by name.
#include "formats/json/document.hpp"
#include "formats/scenario/read_scenario.hpp"
#include "tests/formats/scratch_folder.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstdio>
#include <filesystem>
#include <string>
#include <sys/wait.h>

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using namespace switchyard::formats;

namespace {

const std::filesystem::path shipped = SWITCHYARD_SOURCE_DIR "/scenarios";

struct Result {
    int status = 0;
    std::string text; // of both streams
};

Result shell(const std::string& command) {
    Result result;
    std::FILE* const pipe = popen((command + " 2>&1").c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::array<char, 4096> buffer{};
    while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe))
        result.text.append(buffer.data(), count);
    const int status = pclose(pipe);
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return result;
}

Result program(const std::string& arguments) {
    return shell("cd / && env -u SWITCHYARD_SCENARIOS '" SWITCHYARD_EXECUTABLE "' " + arguments);
}

} // namespace

TEST_CASE("every shipped scenario has a name, says what it teaches, and what it expects") {
    int files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(shipped)) {
        const bool is_sweep = entry.path().parent_path().filename() == "sweeps"; // tests/lab/sweep/shipped_sweeps.cpp
        if (entry.path().extension() != ".yaml" || is_sweep) continue;
        ++files;
        INFO(entry.path());
        const switchyard::Scenario scenario = read_scenario(entry.path().string());
        CHECK_FALSE(scenario.name.empty());
        CHECK(scenario.about.size() > 20);
        CHECK_FALSE(scenario.expectations.empty());
    }
    CHECK(files >= 70);
}

TEST_CASE("scenarios --sweeps lists the sweeps instead") {
    const Result result = program("scenarios --sweeps");
    CHECK(result.status == 0);
    CHECK_THAT(result.text, ContainsSubstring("sweeps/time-slice"));
    CHECK_THAT(result.text, ContainsSubstring("Which time slice costs how much"));
    CHECK(result.text.find("two-tasks") == std::string::npos);
    CHECK(program("scenarios").text.find("sweeps/") == std::string::npos);
    CHECK_THAT(program("scenarios --sweeps classic-corners").text, ContainsSubstring("scenario: ../two-tasks.yaml"));
}

TEST_CASE("scenarios lists all that are shipped, by name, with what each teaches") {
    const Result list = program("scenarios");
    CHECK(list.status == 0);
    CHECK_THAT(list.text, ContainsSubstring("synchronisation/barrier"));
    CHECK_THAT(list.text, ContainsSubstring("A blocking call in one coroutine stalls them all."));
    const auto lines = [](const std::string& text) { return std::ranges::count(text, '\n'); };
    const Result json = program("scenarios --json");
    REQUIRE(json.status == 0);
    const Json all = Json::parse(json.text);
    const auto files = std::filesystem::recursive_directory_iterator(shipped);
    CHECK(static_cast<std::ptrdiff_t>(all.size()) == std::ranges::count_if(files, [](const auto& entry) {
              return entry.path().extension() == ".yaml" && entry.path().parent_path().filename() != "sweeps";
          }));
    CHECK(lines(list.text) == static_cast<std::ptrdiff_t>(all.size()) + 2); // one each, below a head and a rule
    for (const Json& one : all) {
        CHECK(std::filesystem::exists(shipped / (one["name"].get<std::string>() + ".yaml")));
        CHECK_FALSE(one["about"].get<std::string>().empty());
    }
}

TEST_CASE("a shipped scenario is printed, and run, by its name") {
    CHECK_THAT(program("scenarios two-tasks").text, StartsWith("# ") || StartsWith("name: two-tasks"));
    CHECK_THAT(program("run two-tasks").text, ContainsSubstring("as expected"));
    CHECK(program("run synchronisation/barrier --json").text == program("run barrier --json").text);
    CHECK(program("run barrier --set seed=7").status == 0);
}

TEST_CASE("a name that is nobody's, or several scenarios', is refused with what is meant") {
    const Result misspelt = program("run synchronisation/philosofers");
    CHECK(misspelt.status == 2);
    CHECK_THAT(misspelt.text, ContainsSubstring("there is no file and no scenario 'synchronisation/philosofers'"));
    CHECK_THAT(misspelt.text, ContainsSubstring("synchronisation/philosophers"));
    CHECK_THAT(program("scenarios two-taks").text, ContainsSubstring("two-tasks"));
    const Result several = program("run threads");
    CHECK(several.status == 2);
    CHECK_THAT(several.text, ContainsSubstring("'cpu-bound/threads' or 'io-bound/threads'"));
    CHECK(program("run nowhere.yaml").status == 2);
}

TEST_CASE("an installed program finds what is installed with it, and every program what it is told") {
    const ScratchFolder folder;
    folder.write("share/switchyard/scenarios/own/one.yaml",
                 "{about: 'Nothing but this.', tasks: {A: {do: [compute: 1s]}}, machine: {profile: free}}\n");
    std::filesystem::create_directory(folder / "bin");
    std::filesystem::copy_file(SWITCHYARD_EXECUTABLE, folder / "bin/switchyard");
    const Result installed = shell("env -u SWITCHYARD_SCENARIOS '" + (folder / "bin/switchyard") + "' scenarios");
    CHECK(installed.status == 0);
    CHECK_THAT(installed.text, ContainsSubstring("own/one") && ContainsSubstring("Nothing but this."));
    CHECK_THAT(installed.text, !ContainsSubstring("two-tasks"));
    const std::string told = "SWITCHYARD_SCENARIOS='" + (folder / "share/switchyard/scenarios") + "' ";
    CHECK(shell(told + "'" SWITCHYARD_EXECUTABLE "' run one").status == 0);
    CHECK(shell("SWITCHYARD_SCENARIOS=/nowhere '" SWITCHYARD_EXECUTABLE "' scenarios").status == 1);
}
