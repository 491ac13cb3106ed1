// The command as a user meets it: a process with arguments, two streams and an exit status.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

struct Folder {
    std::filesystem::path path;
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "switchyard-test-XXXXXX").string();
        path = mkdtemp(name.data());
    }
    ~Folder() { std::filesystem::remove_all(path); }
};

std::string read(const std::filesystem::path& path) {
    std::ifstream stream(path);
    std::stringstream text;
    text << stream.rdbuf();
    return text.str();
}

struct Result {
    int status = 0;
    std::string out;
    std::string err;
};

Result switchyard(const std::string& arguments) {
    const Folder folder;
    const std::string command = std::string("'") + SWITCHYARD_EXECUTABLE + "' " + arguments + " >'" +
                                (folder.path / "out").string() + "' 2>'" + (folder.path / "err").string() +
                                "' </dev/null";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read(folder.path / "out"), read(folder.path / "err")};
}

std::string scenario(const std::string& name) {
    return std::string("'") + SWITCHYARD_SOURCE_DIR "/scenarios/" + name + "'";
}

// What a broken file is answered with: one line that says where, and status 2.
void refused(const std::string& text, const std::string& complaint) {
    const Folder folder;
    const auto file = folder.path / "broken.yaml";
    std::ofstream(file) << text;
    const Result result = switchyard("run '" + file.string() + "'");
    CHECK(result.status == 2);
    CHECK(result.out.empty());
    CHECK(std::ranges::count(result.err, '\n') == 1);
    CHECK_THAT(result.err, StartsWith(file.string() + ":"));
    CHECK_THAT(result.err, ContainsSubstring(complaint));
}

} // namespace

TEST_CASE("run prints the classic 21.9 s and holds the scenario to it") {
    const Result result = switchyard("run " + scenario("two-tasks.yaml"));
    CHECK(result.status == 0);
    CHECK_THAT(result.out, ContainsSubstring("makespan  21.9 s"));
    CHECK_THAT(result.out, ContainsSubstring("as expected"));
    CHECK(result.err.empty());
    CHECK(result.out.find('\033') == std::string::npos); // no colour outside a terminal
}

TEST_CASE("Every shipped scenario meets what it expects") {
    int files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(SWITCHYARD_SOURCE_DIR "/scenarios")) {
        if (entry.path().extension() != ".yaml" || entry.path().parent_path().filename() == "sweeps") continue;
        ++files;
        INFO(entry.path());
        const Result result = switchyard("run '" + entry.path().string() + "'");
        INFO(result.err);
        CHECK(result.status == 0);
    }
    CHECK(files >= 30);
}

TEST_CASE("An expectation that is not met is status 1 and says what came instead") {
    const Result result = switchyard("run " + scenario("two-tasks.yaml") + " --set expect.makespan=5s");
    CHECK(result.status == 1);
    CHECK_THAT(result.err, ContainsSubstring("expected makespan 5s, got 21.9 s"));
}

TEST_CASE("run --json is the same bytes every time, and machine-readable alone on its stream") {
    const std::string arguments = "run " + scenario("two-tasks.yaml") + " --json";
    const Result first = switchyard(arguments);
    CHECK(first.status == 0);
    CHECK_THAT(first.out, StartsWith("{"));
    CHECK_THAT(first.out, ContainsSubstring("\"schema_version\": 1"));
    CHECK_THAT(first.out, ContainsSubstring("21900000000000"));
    CHECK(first.out == switchyard(arguments).out);
}

TEST_CASE("The same scenario, profile and seed give the same bytes, whatever compiled the program") {
    // Written once by a build with GCC -O3. After a change of the model: run the command and look at the difference.
    const Result result = switchyard("run '" SWITCHYARD_SOURCE_DIR "/tests/golden/mixed.yaml' --json");
    CHECK(result.status == 0);
    CHECK(result.out == read(SWITCHYARD_SOURCE_DIR "/tests/golden/mixed.json"));
}

TEST_CASE("run --set and --profile change the run") {
    CHECK_THAT(
        switchyard("run " + scenario("two-tasks.yaml") + " --set scheduler.slice=2s --set expect.makespan=20.9s").out,
        ContainsSubstring("makespan  20.9 s"));
    CHECK_THAT(switchyard("run " + scenario("two-tasks.yaml") + " --profile free --set expect.makespan=20s").out,
               ContainsSubstring("makespan  20 s"));
}

TEST_CASE("run --trace writes Chrome trace events") {
    const Folder folder;
    const auto file = folder.path / "out.json";
    CHECK(switchyard("run " + scenario("two-tasks.yaml") + " --trace '" + file.string() + "'").status == 0);
    CHECK_THAT(read(file), ContainsSubstring("\"traceEvents\""));
    CHECK_THAT(read(file), ContainsSubstring("switching"));
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 1); // nothing left beside it
}

TEST_CASE("native --trace writes the kernel's events of the run, or says why there are none") {
    const Folder folder;
    const auto file = folder.path / "out.json";
    const Result result =
        switchyard("native " + scenario("two-tasks.yaml") +
                   " --set tasks.A.do.0.compute=20ms --set tasks.B.do.0.compute=20ms --trace '" + file.string() + "'");
    CHECK(result.status == 0);
    if (std::filesystem::exists(file))
        CHECK_THAT(read(file), ContainsSubstring("\"traceEvents\"") && ContainsSubstring("running"));
    else
        CHECK_THAT(result.out, ContainsSubstring("no scheduling events of the kernel"));
}

TEST_CASE("A broken file says where and why") {
    refused("name: x\nmachine: {cors: 1}\ntasks: {A: {kind: thread, do: [compute: 1s]}}\n", "did you mean 'cores'");
    refused("tasks: {A: {kind: thread, do: [compute: 10]}}\n", "needs a unit");
    refused("scheduler: {policy: rr, slce: 1s}\ntasks: {A: {kind: thread, do: [compute: 1s]}}\n",
            "did you mean 'slice'");
    refused("scheduler: {policy: round}\ntasks: {A: {kind: thread, do: [compute: 1s]}}\n", "unknown scheduling policy");
    refused("scheduler: {policy: rr, slice: 0s}\ntasks: {A: {kind: thread, do: [compute: 1s]}}\n",
            "longer than nothing");
    refused("scheduler: {policy: rr, slice: 5}\ntasks: {A: {kind: thread, do: [compute: 1s]}}\n", "needs a unit");
}

TEST_CASE("A command line that makes no sense is status 2 and says what would") {
    const Result unknown = switchyard("rn");
    CHECK(unknown.status == 2);
    CHECK_THAT(unknown.err, ContainsSubstring("did you mean 'run'"));
    CHECK(switchyard("run").status == 2);
    CHECK(switchyard("run x --nonsense").status == 2);
    CHECK(switchyard("").status == 2);
    CHECK_THAT(switchyard("run /does/not/exist.yaml").err, ContainsSubstring("No such file"));
    CHECK_THAT(switchyard("run " + scenario("two-tasks.yaml") + " --profile textbok").err,
               ContainsSubstring("did you mean 'textbook'"));
}

TEST_CASE("--help helps, for the whole and for every command") {
    const Result help = switchyard("--help");
    CHECK(help.status == 0);
    for (const char* command :
         {"run", "native", "explain", "calibrate", "validate", "record", "import", "demo", "policies", "life-cycle"}) {
        CHECK_THAT(help.out, ContainsSubstring(command));
        CHECK(switchyard(std::string(command) + " --help").status == 0);
    }
}

TEST_CASE("explain names the critical path by category and task") {
    const Result result = switchyard("explain " + scenario("two-tasks.yaml"));
    CHECK(result.status == 0);
    CHECK_THAT(result.out, ContainsSubstring("switching             1.9 s"));
    CHECK_THAT(result.out, ContainsSubstring("the design costs 1.9 s"));
}

TEST_CASE("native runs a scenario for real and says so") {
    const Result result = switchyard("native " + scenario("two-tasks.yaml") +
                                     " --set tasks.A.do.0.compute=5ms --set tasks.B.do.0.compute=5ms --json");
    INFO(result.err);
    CHECK(result.status == 0);
    CHECK_THAT(result.out, ContainsSubstring("\"executor\": \"native\""));
}

TEST_CASE("validate passes where the error is inside what the scenario declares, and fails where not") {
    const std::string arguments =
        "validate " + scenario("two-tasks.yaml") +
        " --rounds 2 --profile reference --json --set tasks.A.do.0.compute=5ms --set tasks.B.do.0.compute=5ms";
    const Result generous =
        switchyard(arguments + " --set validate.targets.makespan=10000% --set validate.targets.overhead=100000000%");
    INFO(generous.err);
    CHECK(generous.status == 0);
    CHECK_THAT(generous.out, ContainsSubstring("\"passed\": true"));
    // What the machine does not tell cannot be met.
    const Result strict = switchyard(arguments + " --set validate.targets.overhead=100000000%" +
                                     " --set validate.targets.dispatches=100%");
    CHECK(strict.status == 1);
    CHECK_THAT(strict.out, ContainsSubstring("\"met\": false"));
}

TEST_CASE("life-cycle prints a Graphviz graph, policies what there is") {
    CHECK_THAT(switchyard("life-cycle").out, StartsWith("digraph"));
    CHECK_THAT(switchyard("policies").out, ContainsSubstring("slice"));
}

TEST_CASE("import makes a scenario of a recording that run runs, and compares its replay") {
    const Folder folder;
    const std::string trace =
        std::string("'") + SWITCHYARD_SOURCE_DIR "/tests/recordings/a_two_hogs_1cpu.perf-script.txt'";
    const std::string file = "'" + (folder.path / "hogs.yaml").string() + "'";
    const Result compared = switchyard("import " + trace + " --compare -o " + file);
    CHECK(compared.status == 0);
    CHECK_THAT(compared.out, ContainsSubstring("20 of 20 figures within what is allowed"));
    CHECK_THAT(compared.out, ContainsSubstring("next: switchyard run"));
    const Result run = switchyard("run " + file);
    CHECK(run.status == 0);
    CHECK_THAT(run.out, ContainsSubstring("hog1"));
    const Result cut = switchyard("import " + file); // a scenario is no recording
    CHECK(cut.status == 2);
    CHECK_THAT(cut.err, ContainsSubstring("hogs.yaml:5: "));
}

TEST_CASE("record says how its command ended and what to type next, or in one line what is missing") {
    const Folder folder;
    const std::string file = (folder.path / "sleep.sched.txt").string();
    const Result recorded = switchyard("record -o '" + file + "' -- sh -c 'sleep 0.02; exit 3'");
    if (recorded.status != 0) { // no right to
        CHECK(recorded.status == 1);
        CHECK(std::ranges::count(recorded.err, '\n') == 1);
        CHECK_THAT(recorded.err, ContainsSubstring("scheduling events cannot be recorded"));
        CHECK_FALSE(std::filesystem::exists(file));
        return;
    }
    CHECK_THAT(recorded.out, ContainsSubstring("'sh' ended with status 3"));
    CHECK_THAT(recorded.out, ContainsSubstring("next: switchyard import"));
    CHECK_THAT(read(file), StartsWith("# switchyard: command sh -c"));
    CHECK(switchyard("import '" + file + "'").status == 0);
    CHECK(switchyard("record -o '" + file + "' -- /no/such/program").status == 2);
}

TEST_CASE("profile show prints laws with their fits, one law with its points, and JSON") {
    const std::string old = "'" SWITCHYARD_SOURCE_DIR "/tests/golden/profile.json'";
    const Result overview = switchyard("profile show " + old); // of schema version 1
    CHECK(overview.status == 0);
    CHECK_THAT(overview.out, ContainsSubstring("system_call"));
    CHECK_THAT(overview.out, ContainsSubstring("held out"));
    const Result one = switchyard("profile show reference --only fork");
    CHECK(one.status == 0);
    CHECK_THAT(one.out, ContainsSubstring("the entry that is copied"));
    CHECK(one.out.find("system_call") == std::string::npos);
    const Result json = switchyard("profile show " + old + " --only tick --json");
    CHECK(json.status == 0);
    CHECK_THAT(json.out, ContainsSubstring("\"schema_version\": 2"));
    CHECK_THAT(json.out, ContainsSubstring("\"tick\": {"));
    CHECK(json.out.find("\"fork\": {") == std::string::npos);
    CHECK(switchyard("profile show reference --only frok").status == 2);
    CHECK_THAT(switchyard("profile show reference --only frok").err, ContainsSubstring("did you mean 'fork'?"));
    CHECK(switchyard("profile show nowhere.json").status == 2);
}

TEST_CASE("profile diff compares two profiles") {
    const std::string old = "'" SWITCHYARD_SOURCE_DIR "/tests/golden/profile.json'";
    const Result other = switchyard("profile diff " + old + " reference --only system_call,tick");
    CHECK(other.status == 0);
    CHECK_THAT(other.out, ContainsSubstring("cheaper"));
    CHECK_THAT(other.out, ContainsSubstring("figures with intervals differ by more than those"));
    CHECK_THAT(other.out, ContainsSubstring("Intel Xeon"));
    const Result same = switchyard("profile diff reference reference");
    CHECK_THAT(same.out, ContainsSubstring("0 of "));
}

TEST_CASE("profile plot says what is missing") {
    const Result result = switchyard("profile plot fork reference -o /tmp/never.svg"); // no points in it
    CHECK(result.status == 2);
    CHECK_THAT(result.err, ContainsSubstring("calibrate again"));
    CHECK(switchyard("profile plot frok reference -o /tmp/never.svg").status == 2);
}

TEST_CASE("calibrate writes a profile that profile show reads, and leaves no journal") {
    const Folder folder;
    const std::string file = (folder.path / "p.json").string();
    const Result result = switchyard("calibrate --quick --force --only epoll.wait -o '" + file + "'");
    INFO(result.err);
    CHECK(result.status == 0);
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path), std::filesystem::directory_iterator()) == 1);
    const Result shown = switchyard("profile show '" + file + "' --only epoll.wait");
    CHECK(shown.status == 0);
    CHECK_THAT(shown.out, ContainsSubstring("error where fitted"));
    const Result unknown = switchyard("calibrate --only epoll.weight");
    CHECK(unknown.status == 2);
    CHECK_THAT(unknown.err, ContainsSubstring("epoll.wait"));
}
