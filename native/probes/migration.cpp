// What a thread takes longer when it goes on on another processor than it ran on last.
//
// Two threads, each on a processor of its own, call a third one in turn: by futex(2), on their own processor, where it
// runs and hands back. Each first makes it come over from the other processor and then calls it once more. Both calls
// are the same round trip of two hops; in the first, what the kernel keeps of the called thread, its stack and what it
// touches are in the other processor's caches, and it changes run queues. Nobody's processor wakes up from idling:
// whoever does not call spins.
#include "models/errors.hpp"
#include "models/fit/statistics.hpp"
#include "native/measurement/isolation.hpp"
#include "native/probes/primitives.hpp"

#include <atomic>
#include <cerrno>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

namespace switchyard::native {

namespace {

enum Turn : std::uint32_t { callers, of_the_called, nobodys };

enum class Caller { here, there, none };

struct State {
    alignas(64) std::atomic<std::uint32_t> turn{callers}; // between the called thread and whoever calls it
    alignas(64) std::atomic<Caller> caller{Caller::here}; // between the two that call
    alignas(64) std::atomic<pid_t> called{0};
};

void wake(State& state) { syscall(SYS_futex, &state.turn, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0); }

// Gives the turn away and waits until it is no longer where it was given.
void pass(State& state, std::uint32_t to) {
    state.turn.store(to, std::memory_order_release);
    wake(state);
    while (state.turn.load(std::memory_order_acquire) == to)
        syscall(SYS_futex, &state.turn, FUTEX_WAIT_PRIVATE, to, nullptr, nullptr, 0);
}

void answer(State& state) {
    state.called = gettid();
    while (state.turn.load(std::memory_order_acquire) == callers)
        syscall(SYS_futex, &state.turn, FUTEX_WAIT_PRIVATE, callers, nullptr, nullptr, 0);
    while (state.turn.load(std::memory_order_acquire) == of_the_called) pass(state, callers);
}

// A thread that blocks goes there when it is woken next.
void send(pid_t thread, int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<std::size_t>(cpu), &set);
    if (sched_setaffinity(thread, sizeof set, &set) != 0)
        throw SystemError::from_errno("moving a thread to another processor", errno);
}

// Whether there is another call to make.
bool await_call(const State& state, Caller who) {
    Caller caller = state.caller.load(std::memory_order_acquire);
    for (; caller != who && caller != Caller::none; caller = state.caller.load(std::memory_order_acquire)) {
#if defined(__x86_64__)
        _mm_pause();
#endif
    }
    return caller == who;
}

enum class Call { after_moving, after_staying };

std::vector<Sample> measure_calls(const ProbeRun& run, Call timed) {
    constexpr int calls = 20;
    const int here = allowed_cpus().front();
    const int there = run.other_cpu.value();
    State state;
    std::thread called([&] { answer(state); });
    while (state.called == 0) sched_yield();
    std::thread other([&] {
        send(gettid(), there);
        while (await_call(state, Caller::there)) {
            for (int call = 0; call < 2; ++call) pass(state, of_the_called);
            send(state.called, here);
            state.caller.store(Caller::here, std::memory_order_release);
        }
    });

    std::vector<Sample> samples;
    const std::uint64_t begin = time_stamp();
    while (samples.size() < 4 || run.scale.nanoseconds(begin, time_stamp()) < run.budget_nanoseconds) {
        const double before = iteration_picoseconds_now(run.scale);
        std::vector<double> round_trips;
        for (int i = 0; i < calls; ++i) {
            send(state.called, there);
            state.caller.store(Caller::there, std::memory_order_release);
            await_call(state, Caller::here);
            const std::uint64_t start = time_stamp();
            pass(state, of_the_called);
            const std::uint64_t moved = time_stamp();
            pass(state, of_the_called);
            const std::uint64_t stayed = time_stamp();
            round_trips.push_back(timed == Call::after_moving ? run.scale.nanoseconds(start, moved)
                                                              : run.scale.nanoseconds(moved, stayed));
        }
        const BracketedTime time = bracketed(median(round_trips), before, iteration_picoseconds_now(run.scale));
        samples.push_back({time.nanoseconds, time.iteration_picoseconds, time.disagreement});
    }
    state.caller = Caller::none;
    state.turn = nobodys;
    wake(state);
    other.join();
    called.join();
    samples.erase(samples.begin()); // the first one warmed up
    return samples;
}

} // namespace

std::vector<Sample> measure_call_after_moving(const ProbeRun& run) { return measure_calls(run, Call::after_moving); }

std::vector<Sample> measure_call_after_staying(const ProbeRun& run) { return measure_calls(run, Call::after_staying); }

} // namespace switchyard::native
