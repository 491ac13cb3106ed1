#include "formats/trace/kernel_events.hpp"

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

using namespace switchyard;
using namespace switchyard::formats;
using namespace std::chrono_literals;

namespace {

// A trace of threads on two cores, written event by event.
struct Written {
    Trace trace;
    explicit Written(std::size_t tasks) {
        trace.cores = 2;
        for (std::size_t i = 0; i < tasks; ++i)
            trace.tasks.push_back({std::string(1, static_cast<char>('A' + i)), 0, false});
    }
    Written& add(Duration at, EventKind kind, TaskId task, std::uint16_t core = no_core, TaskId other = no_task,
                 Stop stop = Stop::preempted) {
        TraceEvent event;
        event.time = Time{at};
        event.kind = kind;
        event.task = task;
        event.core = core;
        event.other = other;
        event.detail = static_cast<std::uint8_t>(stop);
        trace.events.push_back(event);
        return *this;
    }
    Written& runs(Duration at, TaskId task, std::uint16_t core = 0) { return add(at, EventKind::running, task, core); }
    Written& stops(Duration at, TaskId task, Stop why) {
        return add(at, EventKind::stopped, task, no_core, no_task, why);
    }
    Written& ready(Duration at, TaskId task, TaskId waker = no_task) {
        return add(at, EventKind::ready, task, no_core, waker);
    }
};

std::vector<std::string> told(const Trace& trace) {
    std::vector<std::string> lines;
    const auto name = [&](TaskId task) { return task == no_task ? "-" : trace.tasks[task].name; };
    KernelEvents events(
        trace,
        [&](const KernelSwitch& event) {
            lines.push_back(fmt::format("{} core {}: {} to {}", event.at.time_since_epoch().count() / 1'000'000,
                                        event.core, name(event.from), name(event.to)));
        },
        [&](const KernelWaking& event) {
            lines.push_back(fmt::format("{} core {}: {} wakes {}", event.at.time_since_epoch().count() / 1'000'000,
                                        event.core, name(event.waker), name(event.task)));
        });
    for (const TraceEvent& event : trace.events) events.take(event);
    events.finish();
    return lines;
}

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("who stops when another one begins has switched to it; who is followed by nobody, to nobody") {
    const Written run = Written(2)
                            .ready(0us, 0)
                            .runs(0us, 0)
                            .ready(3us, 1, 0)
                            .stops(5us, 0, Stop::blocked)
                            .runs(5us, 1)
                            .stops(9us, 1, Stop::ended);
    CHECK(told(run.trace) == Lines{"0 core 0: - wakes A", "0 core 0: - to A", "3 core 0: A wakes B", "5 core 0: A to B",
                                   "9 core 0: B to -"});
}

TEST_CASE("where a switch takes time the core is nobody's meanwhile, and events stay in order of time") {
    const Written run = Written(3)
                            .runs(0us, 0, 0)
                            .runs(0us, 1, 1)
                            .stops(5us, 0, Stop::preempted)
                            .stops(6us, 1, Stop::blocked)
                            .runs(7us, 2, 0);
    CHECK(told(run.trace) ==
          Lines{"0 core 0: - to A", "0 core 1: - to B", "5 core 0: A to -", "6 core 1: B to -", "7 core 0: - to C"});
}

TEST_CASE("who could have gone on and does so at once has not switched; who had blocked has") {
    const Written preempted =
        Written(1).runs(0us, 0).stops(5us, 0, Stop::preempted).runs(5us, 0).stops(8us, 0, Stop::ended);
    CHECK(told(preempted.trace) == Lines{"0 core 0: - to A", "8 core 0: A to -"});
    const Written blocked =
        Written(1).runs(0us, 0).stops(5us, 0, Stop::blocked).runs(5us, 0).stops(8us, 0, Stop::ended);
    CHECK(told(blocked.trace) == Lines{"0 core 0: - to A", "5 core 0: A to -", "5 core 0: - to A", "8 core 0: A to -"});
}

TEST_CASE("a process has the number of its first thread, and carried tasks have none") {
    Trace trace;
    trace.tasks = {{"a", 7, false}, {"b", 3, false}, {"c", 7, true}, {"d", 7, false}};
    const KernelNumbers numbers = kernel_numbers(trace);
    CHECK(numbers.thread == std::vector<std::int32_t>{1, 2, 0, 4});
    CHECK(numbers.process == std::vector<std::int32_t>{1, 2, 0, 1});
}
