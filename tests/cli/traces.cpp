// What a trace's file says is what the report says, in every format.
#include "formats/files.hpp"
#include "formats/json/report_json.hpp"
#include "formats/perf_script/read_perf_script.hpp"
#include "tests/formats/scratch_folder.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <string>

using namespace switchyard;
using namespace switchyard::formats;

namespace {

int shell(const std::string& command) { return std::system(command.c_str()); }

std::size_t occurrences(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
    return count;
}

std::string run(const std::string& scenario, const std::string& trace) {
    return std::string("'" SWITCHYARD_EXECUTABLE "' run '") + SWITCHYARD_SOURCE_DIR "/scenarios/" + scenario +
           "' --trace '" + trace + "'";
}

const std::vector<std::string> scenarios{
    "two-tasks.yaml", "fork-wait.yaml",         "synchronisation/philosophers.yaml",
    "thrashing.yaml", "server/event-loop.yaml", "ipc/pipe-ping-pong.yaml"};

} // namespace

TEST_CASE("a Perfetto trace decodes, and has as many switches as the report") {
    const ScratchFolder folder;
    const std::string trace = folder / "trace.pftrace", text = folder / "decoded.txt", json = folder / "report.json";
    for (const std::string& scenario : scenarios) {
        CAPTURE(scenario);
        static_cast<void>(shell(run(scenario, trace) + " --json > '" + json + "' 2> /dev/null"));
        const Report report = parse_report(read_file(json), json);
        REQUIRE(shell("protoc --decode=Trace -I '" SWITCHYARD_SOURCE_DIR "/tests/formats/trace' perfetto.proto < '" +
                      trace + "' > '" + text + "'") == 0);
        const std::string decoded = read_file(text);
        CHECK(occurrences(decoded, "prev_pid: ") - occurrences(decoded, "prev_pid: 0\n") ==
              report.counters.voluntary_switches + report.counters.involuntary_switches);
        // What is unknown to our description of the messages is printed as a number and a colon.
        CHECK(occurrences(decoded, "\n    1: ") == 0);
        CHECK(occurrences(decoded, "type: TYPE_SLICE_BEGIN") == occurrences(decoded, "type: TYPE_SLICE_END"));
    }
}

TEST_CASE("tracefs' text is read again, in order of time, with as many switches and wake-ups") {
    const ScratchFolder folder;
    const std::string trace = folder / "trace.ftrace", json = folder / "report.json";
    for (const std::string& scenario : scenarios) {
        CAPTURE(scenario);
        static_cast<void>(shell(run(scenario, trace) + " --json > '" + json + "' 2> /dev/null"));
        const Report report = parse_report(read_file(json), json);
        const SchedulingRecording recording = read_perf_script(trace);
        CHECK(std::ranges::is_sorted(recording.events, {}, &SchedulingEvent::nanoseconds));
        const auto switches = std::ranges::count_if(recording.events, [](const SchedulingEvent& event) {
            return event.kind == SchedulingEvent::Kind::switches && event.task != 0;
        });
        CHECK(static_cast<std::uint64_t>(switches) ==
              report.counters.voluntary_switches + report.counters.involuntary_switches);
    }
}

TEST_CASE("a trace's table has a line an event, and an unknown ending is said before anything runs") {
    const ScratchFolder folder;
    const std::string trace = folder / "trace.csv";
    REQUIRE(shell(run("two-tasks.yaml", trace) + " > /dev/null") == 0);
    const std::string table = read_file(trace);
    CHECK(table.starts_with("time_ps,kind,core,task,name,other,other_name,detail,value,count\n0,created,,0,A,"));
    CHECK(occurrences(table, ",running,") == 20);
    CHECK(occurrences(table, ",switching,") == 19);

    const std::string message = folder / "message";
    CHECK(WEXITSTATUS(shell(run("two-tasks.yaml", "trace.xml") + " 2> '" + message + "'")) == 2);
    CHECK(read_file(message).find("no trace format is known by '.xml'") != std::string::npos);
}
