#include "native/capture/run_trace.hpp"

#include "models/trace/digest.hpp"
#include "tests/native/capture/recorded.hpp"

#include <array>
#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace switchyard::native;
using namespace std::chrono_literals;
using Kind = KernelEvent::Kind;

static KernelEvent switched(std::int64_t at, std::int32_t from, std::int32_t to, bool runnable, std::uint16_t cpu = 4) {
    return {.kind = Kind::switches, .nanoseconds = at, .cpu = cpu, .task = from, .next = to, .is_runnable = runnable};
}

static KernelEvent woken(std::int64_t at, std::int32_t task, std::int32_t by = 0) {
    return {.kind = Kind::wakes, .nanoseconds = at, .cpu = 4, .actor = by, .task = task};
}

// (time in us, what happened, why it stopped) of one task.
static std::vector<std::string> story(const Trace& trace, TaskId task) {
    std::vector<std::string> all;
    for (const TraceEvent& event : trace.events) {
        if (event.task != task) continue;
        std::string text = std::to_string(event.time.time_since_epoch() / 1us) + " " + std::string(name_of(event.kind));
        if (event.kind == EventKind::stopped) text += " " + std::string(name_of(static_cast<Stop>(event.detail)));
        all.push_back(text);
    }
    return all;
}

TEST_CASE("two hogs that were recorded take turns, preempted each time") {
    const KernelEvents all = parse_kernel_events(recorded("two_hogs.tracefs.txt"));
    const std::array<CapturedThread, 2> threads{CapturedThread{9959, 3'293'586'100'000, 0, true},
                                                CapturedThread{9960, 3'293'586'100'000, 0, true}};
    const std::array<std::int32_t, 1> cpus{1};
    const Trace trace = trace_of_run(all.events, threads, cpus, 3'293'586'100'000);
    CHECK(trace.cores == 1);
    CHECK(story(trace, 0) == std::vector<std::string>{"28 created", "28 ready", "31 running", "727 stopped preempted",
                                                      "1498 running", "1965 stopped preempted", "3342 running",
                                                      "107271 stopped ended", "107271 ended"});
    CHECK(story(trace, 1) == std::vector<std::string>{"784 created", "784 ready", "798 running",
                                                      "1498 stopped preempted", "1965 running",
                                                      "3342 stopped preempted"});
    const auto figures = digest(trace, std::nullopt);
    CHECK(figures[0].involuntary_switches == 2);
    CHECK(figures[0].voluntary_switches == 1);
    CHECK(figures[1].run_length.values() == std::vector<std::pair<Duration, std::uint64_t>>{{700us, 1}, {1377us, 1}});
    CHECK(figures[0].wake_up_latency.empty()); // a creation is no wake-up
}

TEST_CASE("what a thread does before it is ready, waiting for the start, is not the run's") {
    const std::array<CapturedThread, 1> threads{CapturedThread{7, 1'000'000, 0, false}};
    const std::vector<KernelEvent> events{
        woken(100'000, 7),      switched(110'000, 0, 7, false),   switched(150'000, 7, 0, false),
        woken(1'020'000, 7, 3), switched(1'050'000, 0, 7, false), switched(1'350'000, 7, 0, false)};
    const Trace trace = trace_of_run(events, threads, std::array<std::int32_t, 1>{4}, 1'000'000);
    CHECK(story(trace, 0) == std::vector<std::string>{"20 ready", "50 running", "350 stopped blocked"});
}

TEST_CASE("a thread that has done its last operation ends with its next switch") {
    // The first thread of a process sleeps then, instead of ending.
    const std::array<CapturedThread, 1> threads{CapturedThread{7, 1'000, 200'000, false}};
    const std::vector<KernelEvent> events{woken(2'000, 7), switched(50'000, 0, 7, false),
                                          switched(210'000, 7, 0, false), woken(400'000, 7),
                                          switched(410'000, 0, 7, false)};
    const Trace trace = trace_of_run(events, threads, std::array<std::int32_t, 1>{4}, 1'000);
    CHECK(story(trace, 0).back() == "209 ended");
}

TEST_CASE("wake-up latency is from waking to running, and moving to another processor is a migration") {
    const std::array<CapturedThread, 1> threads{CapturedThread{7, 0, 0, false}};
    const std::vector<KernelEvent> events{
        woken(10'000, 7),
        switched(30'000, 0, 7, false),
        switched(40'000, 7, 0, false),
        woken(100'000, 7),
        woken(105'000, 7), // it is on its way already
        switched(160'000, 3, 7, true, 5),
        woken(165'000, 7), // it has not left its core: it will not sleep at all
        switched(170'000, 7, 3, true, 5),
        switched(190'000, 3, 7, true, 4),
        switched(200'000, 7, 0, false),
    };
    const Trace trace = trace_of_run(events, threads, std::array<std::int32_t, 2>{4, 5}, 0);
    const TaskDigest figures = digest(trace, std::nullopt)[0];
    CHECK(figures.wake_ups == 1);
    CHECK(figures.wake_up_latency.values() == std::vector<std::pair<Duration, std::uint64_t>>{{60us, 1}});
    CHECK(figures.migrations == 2);
    CHECK(figures.involuntary_switches == 1);
    CHECK(figures.voluntary_switches == 2);
}

TEST_CASE("events of other threads alone give no trace") {
    const std::array<CapturedThread, 1> threads{CapturedThread{7, 0, 0, false}};
    const Trace trace = trace_of_run(std::vector{woken(10'000, 8), switched(30'000, 0, 8, false)}, threads,
                                     std::array<std::int32_t, 1>{4}, 0);
    CHECK(trace.events.empty());
}
