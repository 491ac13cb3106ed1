#include "tests/native/runner/native_run.hpp"

#include "models/errors.hpp"
#include "native/capture/recording.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <sched.h>
#include <string>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace switchyard;
using namespace switchyard::native;
using namespace std::chrono_literals;

namespace {

std::string unavailable() { return Tracer().unavailable(); }

// Whether tracefs has that instance; nothing where it cannot be looked at. In a process with mounts of its own, as
// tracefs may not be mounted.
std::optional<bool> exists(const std::string& instance) {
    constexpr int yes = 10, no = 11, unknown = 12;
    const pid_t child = fork();
    if (child == 0) {
        const char* const place = "/sys/kernel/tracing";
        const std::string instances = std::string(place) + "/instances/";
        if (!std::filesystem::exists(instances) &&
            (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
             mount("tracefs", place, "tracefs", 0, nullptr) != 0))
            _exit(unknown);
        _exit(std::filesystem::exists(instances + instance) ? yes : no);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WEXITSTATUS(status) == unknown ? std::nullopt : std::optional(WEXITSTATUS(status) == yes);
}

ProgramBuilder::Body computes() {
    return [](ProgramBuilder& task) { task.compute(30ms); };
}

} // namespace

TEST_CASE("a captured run knows how long its tasks ran, how late they woke and what share they had") {
    if (const std::string why = unavailable(); !why.empty()) SKIP("no kernel trace here: " << why);
    Trace trace;
    ExecuteOptions options;
    options.capture = true;
    options.trace = &trace;
    const Report report =
        run_natively(ScenarioBuilder("captured")
                         .scheduler("linux")
                         .task("hog", TaskKind::process, computes(), [](TaskTemplate& task) { task.count = 2; })
                         .task("sleeper", TaskKind::thread,
                               [](auto& task) { task.repeat(4, [](auto& body) { body.compute(100us).sleep(2ms); }); })
                         .build(),
                     options);
    REQUIRE(report.outcome == Outcome::completed);
    for (const std::string& note : report.notes) CHECK(note.find("no scheduling events") == std::string::npos);
    const TaskReport& hog = task_of(report, "hog");
    const TaskReport& sleeper = task_of(report, "sleeper");
    REQUIRE(hog.voluntary_switches.has_value());
    CHECK(hog.run_length.count() == *hog.voluntary_switches + *hog.involuntary_switches);
    CHECK(*hog.involuntary_switches > 0); // three tasks on one core
    CHECK(sleeper.wake_up_latency.count() == 4);
    CHECK(*sleeper.voluntary_switches == 5); // four sleeps and the end
    REQUIRE(hog.window_cpu.has_value());
    CHECK(*hog.window_cpu > *sleeper.window_cpu);
    CHECK(metric(report, "wake_ups").has_value());

    REQUIRE(trace.tasks.size() == 3);
    CHECK(trace.tasks[1].name == "hog#2");
    CHECK(std::ranges::is_sorted(trace.events, {}, &TraceEvent::time));
    const auto ends = std::ranges::count(trace.events, EventKind::ended, &TraceEvent::kind);
    CHECK(ends == 3);
}

TEST_CASE("a run without capture knows its switches from the kernel's counts, and no distribution") {
    const Report report =
        run_natively(ScenarioBuilder("not captured")
                         .task("sleeper", TaskKind::thread, [](auto& task) { task.sleep(1ms).sleep(1ms); })
                         .task("carried", TaskKind::coroutine, [](auto& task) { task.yield(); })
                         .build());
    const TaskReport& sleeper = task_of(report, "sleeper");
    CHECK(sleeper.voluntary_switches == 3);
    CHECK(sleeper.run_length.empty());
    CHECK_FALSE(sleeper.window_cpu.has_value());
    CHECK_FALSE(task_of(report, "carried").voluntary_switches.has_value());
    CHECK_FALSE(metric(report, "wake_ups").has_value());
}

TEST_CASE("children are in the trace, under their parent's name") {
    if (const std::string why = unavailable(); !why.empty()) SKIP("no kernel trace here: " << why);
    Trace trace;
    ExecuteOptions options;
    options.capture = true;
    options.trace = &trace;
    const Report report =
        run_natively(ScenarioBuilder("family")
                         .task("parent", TaskKind::process,
                               [](auto& task) {
                                   task.repeat(3, [](auto& body) {
                                       body.fork("c", [](auto& child) { child.compute(100us); }).wait("c");
                                   });
                               })
                         .build(),
                     options);
    REQUIRE(report.outcome == Outcome::completed);
    REQUIRE(trace.tasks.size() == 4);
    CHECK(trace.tasks[3].name == "a child of parent");
    CHECK(std::ranges::count(trace.events, EventKind::created, &TraceEvent::kind) == 3);
}

TEST_CASE("nothing of a recording stays behind, also when whoever began it is killed") {
    if (const std::string why = unavailable(); !why.empty()) SKIP("no kernel trace here: " << why);
    std::string name;
    {
        Tracer tracer;
        name = tracer.instance();
        if (!exists(name).has_value()) SKIP("tracefs cannot be looked at");
        CHECK(exists(name) == true);
        CHECK(tracer.stop().error.empty());
        CHECK(exists(name) == false);
    }
    {
        const Tracer given_up;
        name = given_up.instance();
    }
    CHECK(exists(name) == false);

    int ready[2];
    REQUIRE(pipe(ready) == 0);
    const pid_t starter = fork();
    if (starter == 0) {
        const Tracer tracer;
        const std::string instance = tracer.instance();
        static_cast<void>(write(ready[1], instance.data(), instance.size()));
        for (;;) pause();
    }
    char text[64];
    const ssize_t length = read(ready[0], text, sizeof text);
    REQUIRE(length > 0);
    name.assign(text, static_cast<std::size_t>(length));
    CHECK(exists(name) == true);
    kill(starter, SIGKILL);
    waitpid(starter, nullptr, 0);
    CHECK(soon([&] { return exists(name) == false; }));
    for (const int end : ready) close(end);
}

namespace {

// Two hogs on one core, for as long as it takes them to take turns.
Report two_hogs(EventSource source, Trace* trace = nullptr) {
    ExecuteOptions options;
    options.capture = true;
    options.events = source;
    options.trace = trace;
    return run_natively(ScenarioBuilder("two hogs")
                            .scheduler("linux")
                            .task("hog", TaskKind::process, computes(), [](TaskTemplate& task) { task.count = 2; })
                            .build(),
                        options);
}

} // namespace

TEST_CASE("perf record yields what tracefs does") {
    if (const std::string why = PerfRecorder().unavailable(); !why.empty()) SKIP("no perf here: " << why);
    Trace trace;
    const Report report = two_hogs(EventSource::perf, &trace);
    for (const std::string& note : report.notes) CHECK(note.find("no scheduling events") == std::string::npos);
    const TaskReport& hog = task_of(report, "hog");
    REQUIRE(hog.involuntary_switches.has_value());
    CHECK(*hog.involuntary_switches > 0);
    CHECK(hog.run_length.count() == *hog.voluntary_switches + *hog.involuntary_switches);
    CHECK(hog.window_cpu.has_value());
    CHECK(trace.tasks.size() == 2);
    CHECK(std::ranges::is_sorted(trace.events, {}, &TraceEvent::time));
}

TEST_CASE("where no events are to be had, counters say shares, migrations and waiting, and no distribution") {
    if (!std::filesystem::exists("/proc/self/schedstat")) SKIP("the kernel is built without it");
    Trace trace;
    const Report report = two_hogs(EventSource::counters, &trace);
    const TaskReport& hog = task_of(report, "hog");
    CHECK(trace.events.empty());
    CHECK(hog.run_length.empty());
    CHECK(hog.wake_up_latency.empty());
    REQUIRE(hog.waiting.count == 2);
    CHECK(hog.waiting.sum > 15ms);                // one core for both, 30 ms of work each
    CHECK(hog.waiting.sum < 2 * report.makespan); // and no longer than they were there
    REQUIRE(hog.window_cpu.has_value());
    CHECK(*hog.window_cpu > 30ms); // the first has done its work
    CHECK(*hog.window_cpu <= hog.cpu.sum + 1ms);
    if (std::filesystem::exists("/proc/self/sched")) CHECK(metric(report, "migrations").has_value());
    CHECK(std::ranges::any_of(report.notes,
                              [](const std::string& note) { return note.find("counters") != std::string::npos; }));
}

TEST_CASE("a recording says which source it is, and why it is no other") {
    const Recording counters(EventSource::counters);
    CHECK(counters.source() == EventSource::counters);
    CHECK_FALSE(counters.unavailable().empty());
    CHECK(event_source("perf") == EventSource::perf);
    CHECK(event_source("auto") == EventSource::best);
    CHECK_THROWS_AS(event_source("ftrace"), InputError);

    const std::string path = std::getenv("PATH");
    setenv("PATH", "/nowhere", 1);
    const Recording without_perf(EventSource::perf);
    setenv("PATH", path.c_str(), 1);
    CHECK(without_perf.source() == EventSource::counters);
    CHECK(without_perf.unavailable().find("starting perf") != std::string::npos);
}
