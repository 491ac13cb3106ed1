// How long it takes from the instant a timer wakes a task until that task runs: the rest of the interrupt, leaving idle
// where the processor was idle, and the way through the scheduler.
//
// No task of that processor sees the wake-up itself. A thread on another processor does: it polls the timer's
// descriptor, which becomes readable in the same critical section in which the sleeper is woken. It sees that late by
// half a turn of its loop, which is about what the sleeper's way out of its system call takes.
#include "native/probes/primitives.hpp"

#include <atomic>
#include <cstdint>
#include <poll.h>
#include <random>
#include <sched.h>
#include <sys/timerfd.h>
#include <thread>
#include <unistd.h>

namespace switchyard::native {

namespace {

bool move_to(int processor) {
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(static_cast<unsigned>(processor), &only);
    return sched_setaffinity(0, sizeof only, &only) == 0;
}

// This thread goes to a processor it is not on; false where there is none.
bool move_away() {
    const int here = sched_getcpu();
    const long processors = sysconf(_SC_NPROCESSORS_CONF);
    for (int processor = 0; processor < processors; ++processor)
        if (processor != here && move_to(processor)) return true;
    return false;
}

// What the two threads tell each other, by the number of the sleep it is about.
struct Watch {
    std::atomic<std::uint64_t> armed{0}; // the timer of this sleep is set
    std::atomic<std::uint64_t> over{0};  // the sleeper runs again
    std::atomic<std::uint64_t> seen{0};  // the watcher is done with this sleep...
    std::atomic<std::uint64_t> woken{0}; // ...and has seen it end at this time stamp; 0: has missed it
    std::atomic<bool> is_ready{false};   // the watcher has found a processor, or
    std::atomic<bool> is_alone{false};   // there is none
    std::atomic<bool> ends{false};
};

void watch(Watch& state, int timer) {
    state.is_alone = !move_away();
    state.is_ready = true;
    for (std::uint64_t sleep = 1; !state.is_alone; ++sleep) {
        while (state.armed < sleep)
            if (state.ends) return;
        pollfd readable{timer, POLLIN, 0};
        std::uint64_t woken = 0;
        while (woken == 0 && state.over < sleep)
            if (poll(&readable, 1, 0) > 0) woken = time_stamp();
        state.woken = woken;
        state.seen = sleep;
    }
}

std::vector<Sample> measure_wake_ups(const ProbeRun& run) {
    constexpr long shortest = 1'000'000, spread = 1'000'000; // ns
    std::vector<Sample> samples;
    const int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    if (timer < 0) return samples;
    Watch state;
    std::thread watcher([&] { watch(state, timer); });
    while (!state.is_ready) sched_yield();
    std::mt19937_64 engine(time_stamp()); // phases are to be random, not repeatable
    const std::uint64_t begin = time_stamp();
    for (std::uint64_t sleep = 1; !state.is_alone; ++sleep) {
        if (run.scale.nanoseconds(begin, time_stamp()) >= run.budget_nanoseconds && samples.size() >= 3) break;
        itimerspec once{};
        once.it_value.tv_nsec = shortest + static_cast<long>(engine() % spread);
        state.armed = sleep;
        std::uint64_t expirations = 0;
        if (timerfd_settime(timer, 0, &once, nullptr) != 0) break;
        const bool slept = read(timer, &expirations, sizeof expirations) == sizeof expirations;
        const std::uint64_t runs = time_stamp();
        state.over = sleep;
        while (state.seen < sleep) {
        }
        if (!slept) break;
        const std::uint64_t woken = state.woken;
        if (woken != 0 && woken < runs) samples.push_back({run.scale.nanoseconds(woken, runs), 0, 0});
        if (sleep > 100'000 && samples.empty()) break;
    }
    state.ends = true;
    watcher.join();
    close(timer);
    return samples;
}

} // namespace

std::vector<Sample> measure_timer_wake_up_idle(const ProbeRun& run) { return measure_wake_ups(run); }

// Beside a task that gives way to any other at once (SCHED_IDLE).
std::vector<Sample> measure_timer_wake_up_busy(const ProbeRun& run) {
    std::atomic<bool> ends{false};
    std::thread busy([&] {
        const sched_param none{};
        sched_setscheduler(0, SCHED_IDLE, &none);
        while (!ends.load(std::memory_order_relaxed)) {
        }
    });
    std::vector<Sample> samples = measure_wake_ups(run);
    ends = true;
    busy.join();
    return samples;
}

} // namespace switchyard::native
