// From the instant a thread wakes another one by futex(2) until that one runs, on a processor of its own that has been
// idle for `amount` microseconds: telling it by an interrupt, and the way out of idle, which is the longer the longer
// it has been there (a virtual machine's host polls for a while before it gives the processor to somebody else).
// The same where that processor is busy with a task that gives way at once (SCHED_IDLE): the interrupt alone. And what
// the waker's call takes meanwhile.
#include "native/measurement/isolation.hpp"
#include "native/probes/primitives.hpp"

#include <atomic>
#include <linux/futex.h>
#include <optional>
#include <sched.h>
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

void wake(RemoteTurn& state) { syscall(SYS_futex, &state.turn, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0); }

void be_woken(RemoteTurn& state) {
    std::uint32_t seen = 0;
    while (!state.ends) {
        while (state.turn.load(std::memory_order_acquire) == seen)
            syscall(SYS_futex, &state.turn, FUTEX_WAIT_PRIVATE, seen, nullptr, nullptr, 0);
        ++seen;
        state.ran.store(time_stamp(), std::memory_order_release);
    }
}

// Keeps that processor busy, giving way to anybody, as long as it is wanted.
class Filler {
public:
    explicit Filler(int cpu)
        : thread_([this, cpu] {
              static_cast<void>(pin_to(std::span(&cpu, 1)));
              const sched_param none{};
              sched_setscheduler(0, SCHED_IDLE, &none);
              while (!ends_.load(std::memory_order_relaxed)) {
              }
          }) {}
    Filler(const Filler&) = delete;
    Filler& operator=(const Filler&) = delete;
    ~Filler() {
        ends_ = true;
        thread_.join();
    }

private:
    std::atomic<bool> ends_{false};
    std::thread thread_;
};

enum class Timed { until_it_runs, call };

// take(nanoseconds, speed) for each time: until the other one runs, or until the waker's call returns. The processor's
// speed is measured now and then, which is no time to take a sample: the other one idles longer meanwhile.
template <class Take>
void wake_again_and_again(const ProbeRun& run, Timed timed, Take&& take) {
    const int there = run.other_cpu.value();
    RemoteTurn state;
    std::thread other([&] {
        static_cast<void>(pin_to(std::span(&there, 1)));
        be_woken(state);
    });
    constexpr double settled = 20'000; // ns, after which a busy processor is busy with its other task again
    const double idle = run.amount > 0 ? static_cast<double>(run.amount) * 1000 : settled;
    constexpr int times_a_speed = 32;
    double speed = 0;
    int times = 0;
    int taken = 0;
    const std::uint64_t begin = time_stamp();
    do {
        const bool is_unusual = times++ % times_a_speed == 0;
        if (is_unusual) speed = iteration_picoseconds_now(run.scale);
        const std::uint64_t waits = time_stamp();
        while (run.scale.nanoseconds(waits, time_stamp()) < idle) {
        }
        state.ran = 0;
        std::uint64_t woken = time_stamp();
        ++state.turn;
        if (timed == Timed::call) woken = time_stamp();
        wake(state);
        const std::uint64_t returned = time_stamp();
        std::uint64_t ran = 0;
        while (ran == 0) ran = state.ran.load(std::memory_order_acquire);
        if (timed == Timed::call) ran = returned;
        if (ran <= woken || is_unusual) continue;
        take(run.scale.nanoseconds(woken, ran), speed);
        ++taken;
    } while (taken < 4 || run.scale.nanoseconds(begin, time_stamp()) < run.budget_nanoseconds);
    state.ends = true;
    ++state.turn;
    wake(state);
    other.join();
}

} // namespace

std::vector<Sample> measure_remote_wake_up(const ProbeRun& run) {
    std::vector<Sample> samples;
    wake_again_and_again(run, Timed::until_it_runs, [&](double nanoseconds, double) {
        samples.push_back({nanoseconds, 0, 0});
    });
    return samples;
}

std::vector<Sample> measure_remote_wake_up_of_busy(const ProbeRun& run) {
    const Filler filler(run.other_cpu.value());
    return measure_remote_wake_up(run);
}

std::vector<Sample> measure_interrupting_waker(const ProbeRun& run) {
    std::optional<Filler> filler;
    if (run.amount == 0) filler.emplace(run.other_cpu.value());
    std::vector<Sample> samples;
    wake_again_and_again(run, Timed::call, [&](double nanoseconds, double speed) {
        samples.push_back({nanoseconds, speed, 0});
    });
    return samples;
}

} // namespace switchyard::native
