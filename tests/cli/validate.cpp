#include "tests/formats/scratch_folder.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstdio>
#include <string>
#include <sys/wait.h>

using Catch::Matchers::ContainsSubstring;
using switchyard::formats::ScratchFolder;

namespace {

const std::string stored = SWITCHYARD_SOURCE_DIR "/tests/golden/validation.json";

struct Result {
    int status = 0;
    std::string text;
};

Result program(const std::string& arguments) {
    Result result;
    std::FILE* const pipe = popen(("'" SWITCHYARD_EXECUTABLE "' " + arguments + " 2>&1").c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::array<char, 4096> buffer{};
    while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe))
        result.text.append(buffer.data(), count);
    const int status = pclose(pipe);
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return result;
}

long lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

} // namespace

TEST_CASE("a stored validation becomes a table and pages, without anything being run") {
    const ScratchFolder folder;
    const Result result =
        program("validate --from " + stored + " --report " + (folder / "a.html") + " --report " + (folder / "a.md"));
    CHECK(result.status == 1); // a row of it was missed
    CHECK_THAT(result.text, ContainsSubstring("yield-ring/1000-threads") && ContainsSubstring("missed"));
    CHECK_THAT(result.text, ContainsSubstring("system: 100.0 ms predicted, 200.0 ms measured"));
    CHECK_THAT(folder.read("a.html"), ContainsSubstring("</html>"));
    CHECK_THAT(folder.read("a.md"), ContainsSubstring("## Missed"));
    CHECK(program("validate --quick --from " + stored).status == 0); // no count of it was
}

TEST_CASE("what validate cannot do is one line, before anything is run") {
    for (const auto& [arguments, wanted] : {
             std::pair{"validate", "--suite"},
             std::pair{"validate --suite --only hoks", "did you mean 'hogs'"},
             std::pair{"validate --suite --report page.pdf", ".html, .md or .json"},
             std::pair{"validate --from /nowhere.json", "/nowhere.json"},
         }) {
        const Result result = program(arguments);
        CHECK(result.status == 2);
        CHECK_THAT(result.text, ContainsSubstring(wanted));
        CHECK(lines(result.text) == 1);
    }
}

// Forks and threads are counted exactly, whatever the machine's speed and load are.
TEST_CASE("a family of the suite runs in haste, and its counts are right") {
    const ScratchFolder folder;
    const Result result = program("validate --suite --quick --only 'fork storms' --no-capture --profile reference "
                                  "--report " +
                                  (folder / "a.json"));
    INFO(result.text);
    CHECK(result.status == 0);
    CHECK_THAT(result.text, ContainsSubstring("fork-and-wait/256MiB"));
    CHECK_THAT(result.text, ContainsSubstring("0 of 8 counts"));
    const Result again = program("compare " + (folder / "a.json") + " " + (folder / "a.json"));
    CHECK(again.status == 0);
    CHECK_THAT(again.text, ContainsSubstring("makespan error"));
}

TEST_CASE("compare puts reports of runs side by side, and fails where they differ by more than they may") {
    const ScratchFolder folder;
    folder.write("a.json", program("run two-tasks --json").text);
    folder.write("b.json", program("run two-tasks-processes --json").text);
    const std::string both = "compare " + (folder / "a.json") + " " + (folder / "b.json");
    const Result result = program(both);
    CHECK(result.status == 0);
    CHECK_THAT(result.text, ContainsSubstring("context_switches") && ContainsSubstring("task A"));
    CHECK(program(both + " --within 1%").status == 1);
    CHECK(program("compare " + (folder / "a.json") + " " + (folder / "a.json") + " --within 0%").status == 0);
    CHECK_THAT(program(both + " --json").text, ContainsSubstring("\"kind\": \"differences\""));
    const Result unlike = program("compare " + (folder / "a.json") + " " + stored);
    CHECK(unlike.status == 2);
    CHECK(lines(unlike.text) == 1);
}
