// Taking and giving back a lock nobody else wants, and how long a word takes from one processor's cache to another's.
#include "native/measurement/isolation.hpp"
#include "native/probes/primitives.hpp"

#include <atomic>
#include <pthread.h>
#include <thread>

namespace switchyard::native {

// Each of the two is one atomic operation: but only beside another thread, for glibc spares a lone one the atomicity.
std::vector<Sample> measure_uncontended_lock(const ProbeRun& run) {
    constexpr std::int64_t pairs = 20'000;
    std::atomic<bool> is_over{false};
    std::thread other([&] { is_over.wait(false); });
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    std::vector<Sample> samples = sample_batches(run, 2 * pairs, [&] {
        for (std::int64_t pair = 0; pair < pairs; ++pair) {
            pthread_mutex_lock(&mutex);
            pthread_mutex_unlock(&mutex);
        }
    });
    is_over = true;
    is_over.notify_one();
    other.join();
    return samples;
}

namespace {

struct State {
    alignas(64) std::atomic<std::int64_t> turn{0}; // even: here, odd: there
    alignas(64) std::atomic<bool> ends{false};
};

void relax() {
#if defined(__x86_64__)
    _mm_pause();
#endif
}

} // namespace

// Two threads on two processors count in turns: each change of the word is seen by the other one, which then changes
// it.
std::vector<Sample> measure_cache_line_hand_over(const ProbeRun& run) {
    constexpr std::int64_t rounds = 5'000;
    const int there = run.other_cpu.value();
    State state;
    std::thread other([&] {
        static_cast<void>(pin_to(std::span(&there, 1)));
        while (!state.ends.load(std::memory_order_relaxed)) {
            if (state.turn.load(std::memory_order_acquire) % 2 == 0)
                relax();
            else
                state.turn.fetch_add(1);
        }
    });
    std::vector<Sample> samples = sample_batches(run, 2 * rounds, [&] {
        for (std::int64_t round = 0; round < rounds; ++round) {
            state.turn.fetch_add(1);
            while (state.turn.load(std::memory_order_acquire) % 2 != 0) relax();
        }
    });
    state.ends = true;
    other.join();
    return samples;
}

} // namespace switchyard::native
