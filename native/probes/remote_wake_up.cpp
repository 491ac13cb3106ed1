// From the instant a thread wakes another one by futex(2) until that one runs, on a processor of its own that has been
// idle for `amount` microseconds: telling it by an interrupt, and the way out of idle, which is the longer the longer
// it has been there (a virtual machine's host polls for a while before it gives the processor to somebody else).
#include "native/measurement/isolation.hpp"
#include "native/probes/primitives.hpp"

#include <atomic>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

namespace switchyard::native {

namespace {

struct RemoteTurn {
    alignas(64) std::atomic<std::uint32_t> turn{0}; // how often the other one has been woken
    alignas(64) std::atomic<std::uint64_t> ran{0};  // when it ran after that, as a time stamp
    std::atomic<bool> ends{false};
};

void wake(RemoteTurn& state) {
    ++state.turn;
    syscall(SYS_futex, &state.turn, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

void be_woken(RemoteTurn& state) {
    std::uint32_t seen = 0;
    while (!state.ends) {
        while (state.turn.load(std::memory_order_acquire) == seen)
            syscall(SYS_futex, &state.turn, FUTEX_WAIT_PRIVATE, seen, nullptr, nullptr, 0);
        ++seen;
        state.ran.store(time_stamp(), std::memory_order_release);
    }
}

} // namespace

std::vector<Sample> measure_remote_wake_up(const ProbeRun& run) {
    const int there = run.other_cpu.value();
    RemoteTurn state;
    std::thread other([&] {
        static_cast<void>(pin_to(std::span(&there, 1)));
        be_woken(state);
    });
    const double idle = static_cast<double>(run.amount) * 1000;
    std::vector<Sample> samples;
    const std::uint64_t begin = time_stamp();
    do {
        const std::uint64_t waits = time_stamp();
        while (run.scale.nanoseconds(waits, time_stamp()) < idle) {
        }
        state.ran = 0;
        const std::uint64_t woken = time_stamp();
        wake(state);
        std::uint64_t ran = 0;
        while (ran == 0) ran = state.ran.load(std::memory_order_acquire);
        if (ran > woken) samples.push_back({run.scale.nanoseconds(woken, ran), 0, 0});
    } while (samples.size() < 4 || run.scale.nanoseconds(begin, time_stamp()) < run.budget_nanoseconds);
    state.ends = true;
    wake(state);
    other.join();
    samples.erase(samples.begin()); // it had only just begun
    return samples;
}

} // namespace switchyard::native
