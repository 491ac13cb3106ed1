#include "formats/json/chrome_trace.hpp"

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace switchyard;
using namespace switchyard::formats;
using namespace std::chrono_literals;
using nlohmann::json;

static Time at(Duration time) { return Time{time}; }

static json written(const Trace& trace) {
    std::ostringstream stream;
    write_chrome_trace(trace, stream);
    return json::parse(stream.str())["traceEvents"];
}

// The intervals of a track as "name from-to" in microseconds, in the order written.
static std::vector<std::string> intervals(const json& events, int group, int track) {
    std::vector<std::string> found;
    for (const json& event : events)
        if (event["ph"] == "X" && event["pid"] == group && event["tid"] == track) {
            const double from = event["ts"];
            found.push_back(
                fmt::format("{} {}-{}", event["name"].get<std::string>(), from, from + event["dur"].get<double>()));
        }
    return found;
}

using Strings = std::vector<std::string>;

// Two threads: A runs, wakes B, blocks; a switch; B runs and is preempted; the trace ends while A runs again.
static Trace two_threads() {
    Trace trace;
    trace.cores = 1;
    trace.tasks = {{"A \"quoted\"", 0, false}, {"B", 1, false}};
    const auto add = [&](Duration time, EventKind kind, TaskId task, std::uint16_t core = no_core,
                         TaskId other = no_task, std::uint8_t detail = 0, std::int64_t value = 0) {
        trace.events.push_back({.time = at(time),
                                .value = value,
                                .task = task,
                                .other = other,
                                .core = core,
                                .kind = kind,
                                .detail = detail});
    };
    const auto stop = [](Stop reason) { return static_cast<std::uint8_t>(reason); };
    add(0us, EventKind::created, 0);
    add(0us, EventKind::ready, 0);
    add(0us, EventKind::running, 0, 0);
    add(10us, EventKind::ready, 1, no_core, 0);
    add(20us, EventKind::stopped, 0, 0, no_task, stop(Stop::blocked));
    add(20us, EventKind::overhead, no_task, 0, no_task, static_cast<std::uint8_t>(Overhead::switching), 1'500'001);
    add(21us, EventKind::ready, 0);
    add(22us, EventKind::running, 1, 0);
    add(30us, EventKind::stopped, 1, 0, no_task, stop(Stop::preempted));
    add(30us, EventKind::running, 0, 0);
    add(40us, EventKind::ended, 1);
    return trace;
}

TEST_CASE("a core's track shows who runs and what else it does") {
    const json events = written(two_threads());
    CHECK(intervals(events, 1, 0) ==
          Strings{"A \"quoted\" 0-20", "switching 20-21.500001", "B 22-30", "A \"quoted\" 30-40"});
}

TEST_CASE("a task's track shows its states") {
    const json events = written(two_threads());
    CHECK(intervals(events, 2, 0) == Strings{"running 0-20", "blocked 20-21", "ready 21-30", "running 30-40"});
    CHECK(intervals(events, 2, 1) == Strings{"ready 10-22", "running 22-30", "ready 30-40"});
}

TEST_CASE("an arrow leads from the waker to where the woken runs; timers draw none") {
    std::vector<json> arrows;
    for (const json& event : written(two_threads()))
        if (event["ph"] == "s" || event["ph"] == "f") arrows.push_back(event);
    REQUIRE(arrows.size() == 2);
    CHECK(arrows[0]["id"] == arrows[1]["id"]);
    CHECK(arrows[0]["tid"] == 0);
    CHECK(arrows[0]["ts"] == 10.0);
    CHECK(arrows[1]["tid"] == 1);
    CHECK(arrows[1]["ts"] == 22.0);
}

TEST_CASE("times keep their picoseconds") {
    std::ostringstream stream;
    write_chrome_trace(two_threads(), stream);
    CHECK(stream.str().find("\"dur\":1.500001") != std::string::npos);
}

TEST_CASE("tracks carry the names of groups, cores and tasks") {
    Strings names;
    for (const json& event : written(two_threads()))
        if (event["name"] == "thread_name" || event["name"] == "process_name") names.push_back(event["args"]["name"]);
    CHECK(names == Strings{"cores", "core 0", "tasks", "A \"quoted\"", "B"});
}

TEST_CASE("a carried task runs inside its thread, and only while the thread has a core") {
    Trace trace;
    trace.cores = 1;
    trace.tasks = {{"loop", 0, false}, {"x", 0, true}, {"y", 0, true}};
    trace.events = {
        {.time = at(0us), .task = 0, .core = 0, .kind = EventKind::running},
        {.time = at(1us), .task = 1, .other = 0, .core = 0, .kind = EventKind::resumed},
        {.time = at(5us), .task = 0, .core = 0, .kind = EventKind::stopped}, // preempted
        {.time = at(8us), .task = 0, .core = 0, .kind = EventKind::running},
        {.time = at(9us), .task = 1, .other = 0, .core = 0, .kind = EventKind::suspended},
        {.time = at(9us), .task = 2, .other = 0, .core = 0, .kind = EventKind::resumed},
        {.time = at(11us), .task = 1, .kind = EventKind::ready},
        {.time = at(12us), .task = 2, .kind = EventKind::ended},
        {.time = at(12us), .task = 2, .other = 0, .core = 0, .kind = EventKind::suspended},
        {.time = at(14us), .task = 0, .core = 0, .kind = EventKind::ended},
    };
    const json events = written(trace);
    CHECK(intervals(events, 1, 0) == Strings{"x 1-5", "loop 0-5", "x 8-9", "y 9-12", "loop 8-14"});
    CHECK(intervals(events, 2, 1) ==
          Strings{"running 1-5", "ready 5-8", "running 8-9", "suspended 9-11", "ready 11-14"});
    CHECK(intervals(events, 2, 2) == Strings{"running 9-12"});
}

TEST_CASE("an empty trace is a document without intervals") { CHECK(written({}).size() == 4); }

TEST_CASE("Memory is marked on the track of the task it happens to, with how much of it") {
    Trace trace;
    trace.cores = 1;
    trace.tasks = {{"A", 0, false}};
    const auto add = [&](EventKind kind, std::uint8_t detail, std::int64_t value, std::uint32_t count) {
        trace.events.push_back(
            {.time = at(5us), .value = value, .task = 0, .core = 0, .kind = kind, .detail = detail, .count = count});
    };
    add(EventKind::faulted, static_cast<std::uint8_t>(FaultKind::anonymous), 0x7000, 12);
    add(EventKind::transferred, static_cast<std::uint8_t>(Transfer::swapped_out), 3, 0);
    add(EventKind::out_of_memory, 0, 99, 0);
    add(EventKind::shootdown, 0, 4, 2);
    Strings marks;
    for (const json& event : written(trace))
        if (event["ph"] == "i") {
            CHECK(event["cat"] == "memory");
            CHECK(event["tid"] == 0);
            marks.push_back(event["name"].get<std::string>() + " " + event["args"].dump());
        }
    CHECK(marks == Strings{R"(fault: anonymous {"address":"0x7000","count":12})", R"(swapped out {"pages":3})",
                           R"(killed: out of memory {"pages":99})", R"(TLB shootdown {"cores":2,"pages":4})"});
}

TEST_CASE("Jobs are marked on their task's track: released, finished or late, given up") {
    Trace trace;
    trace.cores = 1;
    trace.tasks = {{"A", 0, false}};
    const auto add = [&](Duration time, EventKind kind, Duration since_release, std::uint8_t detail = 0) {
        trace.events.push_back(
            {.time = at(time), .value = since_release.count(), .task = 0, .kind = kind, .detail = detail});
    };
    add(13us, EventKind::job_begun, 3us);
    add(15us, EventKind::job_finished, 5us);
    add(20us, EventKind::job_begun, 0us);
    add(32us, EventKind::job_finished, 12us, 1);
    add(50us, EventKind::job_aborted, 10us, 1);
    Strings marks;
    for (const json& event : written(trace))
        if (event["ph"] == "i") {
            CHECK((event["pid"] == 2 && event["tid"] == 0));
            marks.push_back(fmt::format("{} {}", event["name"].get<std::string>(), event["ts"].get<double>()));
        }
    CHECK(marks ==
          Strings{"job released 10", "job finished 15", "job released 20", "job finished late 32", "job aborted 50"});
}
