// Two tasks on one processor that hand a turn over by futex(2): wake the other, wait for one's own. Two system calls,
// one wake-up and one switch a hop.
//
// A futex in memory that processes share takes longer to find (its page is looked up) than one marked private: the
// second thread probe uses a shared one too, so that what is left between it and processes is the address space alone.
//
// What the two calls take by themselves shows where nobody is to be woken and the word to be waited at is no longer
// what it was. And what it takes to lose the processor on the way out of a call, where the waker gives way to anybody.
#include "native/probes/partner.hpp"
#include "native/probes/primitives.hpp"

#include <atomic>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace switchyard::native {

namespace {

enum Turn : std::uint32_t { ours, partners, nobodys };

struct FutexState {
    std::atomic<std::uint32_t> turn{ours};
};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free && sizeof(FutexState) == sizeof(std::uint32_t));

// Gives the turn away and waits until it is no longer where it was given.
void pass(FutexState& state, std::uint32_t to, int private_flag) {
    state.turn.store(to, std::memory_order_release);
    syscall(SYS_futex, &state.turn, FUTEX_WAKE | private_flag, 1, nullptr, nullptr, 0);
    while (state.turn.load(std::memory_order_acquire) == to)
        syscall(SYS_futex, &state.turn, FUTEX_WAIT | private_flag, to, nullptr, nullptr, 0);
}

std::vector<Sample> measure_futex(const ProbeRun& run, PartnerKind kind, int private_flag) {
    constexpr std::int64_t round_trips = 500;
    const Shared<FutexState> state;
    Partner partner(kind, [&] {
        while (state->turn.load(std::memory_order_acquire) == ours)
            syscall(SYS_futex, &state->turn, FUTEX_WAIT | private_flag, ours, nullptr, nullptr, 0);
        while (state->turn.load(std::memory_order_acquire) == partners) pass(*state, ours, private_flag);
    });
    const std::vector<Sample> samples = sample_batches(run, 2 * round_trips, [&] {
        for (std::int64_t trip = 0; trip < round_trips; ++trip) pass(*state, partners, private_flag);
    });
    state->turn = nobodys;
    syscall(SYS_futex, &state->turn, FUTEX_WAKE | private_flag, 1, nullptr, nullptr, 0);
    return samples;
}

} // namespace

std::vector<Sample> measure_futex_alone(const ProbeRun& run) {
    constexpr std::int64_t times = 1000;
    FutexState state;
    return sample_batches(run, times, [&] {
        for (std::int64_t time = 0; time < times; ++time) {
            syscall(SYS_futex, &state.turn, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
            syscall(SYS_futex, &state.turn, FUTEX_WAIT_PRIVATE, partners, nullptr, nullptr, 0);
        }
    });
}

// One that gives way to anybody (SCHED_IDLE) wakes another one, which has the processor at once and waits again.
std::vector<Sample> measure_preempting_futex(const ProbeRun& run) {
    constexpr std::int64_t times = 500;
    const Shared<FutexState> state;
    const auto give = [&](Turn to) {
        state->turn.store(to, std::memory_order_release);
        syscall(SYS_futex, &state->turn, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
    };
    Partner partner(PartnerKind::thread, [&] {
        for (;;) {
            while (state->turn.load(std::memory_order_acquire) == ours)
                syscall(SYS_futex, &state->turn, FUTEX_WAIT_PRIVATE, ours, nullptr, nullptr, 0);
            if (state->turn.load(std::memory_order_relaxed) == nobodys) return;
            state->turn.store(ours, std::memory_order_release);
        }
    });
    const sched_param none{};
    sched_setscheduler(0, SCHED_IDLE, &none);
    std::vector<Sample> samples = sample_batches(run, times, [&] {
        for (std::int64_t time = 0; time < times; ++time) {
            give(partners);
            while (state->turn.load(std::memory_order_acquire) == partners) sched_yield(); // it has lost it otherwise
        }
    });
    give(nobodys);
    return samples;
}

std::vector<Sample> measure_futex_between_threads(const ProbeRun& run) {
    return measure_futex(run, PartnerKind::thread, FUTEX_PRIVATE_FLAG);
}

std::vector<Sample> measure_shared_futex_between_threads(const ProbeRun& run) {
    return measure_futex(run, PartnerKind::thread, 0);
}

std::vector<Sample> measure_futex_between_processes(const ProbeRun& run) {
    return measure_futex(run, PartnerKind::process, 0);
}

} // namespace switchyard::native
