// Signals: sent by a task to itself, which handles them or asks for them (sigwaitinfo(2)) without waiting, and to and
// fro between two.
#include "native/probes/message.hpp"
#include "native/probes/primitives.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <pthread.h>
#include <unistd.h>

namespace switchyard::native {

namespace {

// One way: what it is sent as says whether another one follows. Sent to the process, and taken by whoever asks for it.
class SignalPair {
public:
    explicit SignalPair(int which) : next_(SIGRTMIN + 2 * which), last_(SIGRTMIN + 2 * which + 1) {
        sigemptyset(&set_);
        sigaddset(&set_, next_);
        sigaddset(&set_, last_);
        if (pthread_sigmask(SIG_BLOCK, &set_, nullptr) != 0) throw SystemError("signals cannot be blocked");
    }
    [[nodiscard]] bool send(const Message& message) const {
        return kill(getpid_, message.first() == another ? next_ : last_) == 0;
    }
    [[nodiscard]] bool receive(Message& message) const {
        siginfo_t info;
        const int signal = sigwaitinfo(&set_, &info);
        *message.bytes() = signal == next_ ? another : the_last;
        return signal > 0;
    }

private:
    int next_;
    int last_;
    pid_t getpid_ = getpid();
    sigset_t set_{};
};

} // namespace

std::vector<Sample> measure_signal_alone(const ProbeRun& run) { return sample_without_waiting(run, SignalPair(0)); }

std::vector<Sample> measure_signal_between_threads(const ProbeRun& run) {
    const SignalPair there(0), back(1); // blocked before the other thread inherits what is
    return sample_hand_overs(run, there, back);
}

namespace {

std::atomic<std::int64_t> handled;
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

} // namespace

// Sending it is one system call, leaving the handler another.
std::vector<Sample> measure_signal_handler(const ProbeRun& run) {
    constexpr std::int64_t signals = 500;
    struct sigaction action {};
    action.sa_handler = [](int) {
        handled.store(handled.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    };
    if (sigaction(SIGUSR1, &action, nullptr) != 0) throw SystemError::from_errno("handling a signal", errno);
    const pid_t self = getpid();
    const std::int64_t before = handled;
    std::int64_t sent = 0;
    std::vector<Sample> samples = sample_batches(run, signals, [&] {
        for (std::int64_t i = 0; i < signals; ++i) sent += kill(self, SIGUSR1) == 0;
    });
    if (handled - before != sent) throw SystemError("a signal to oneself was lost");
    return samples;
}

} // namespace switchyard::native
