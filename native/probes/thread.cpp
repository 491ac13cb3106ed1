// Threads that end at once: the call that creates one, and its whole life until it is joined.
#include "models/errors.hpp"
#include "native/probes/primitives.hpp"

#include <pthread.h>

namespace switchyard::native {

namespace {

void* end_at_once(void*) { return nullptr; }

pthread_t create() {
    pthread_t thread{};
    const int error = pthread_create(&thread, nullptr, end_at_once, nullptr);
    if (error != 0) throw SystemError::from_errno("creating a thread", error);
    return thread;
}

} // namespace

// One call a sample: the new thread waits for the processor until its creator blocks in the join, outside the sample.
std::vector<Sample> measure_thread_creation(const ProbeRun& run) {
    std::vector<Sample> samples;
    const std::uint64_t begin = time_stamp();
    while (samples.size() < 3 || run.scale.nanoseconds(begin, time_stamp()) < run.budget_nanoseconds) {
        const double before = iteration_picoseconds_now(run.scale);
        const std::uint64_t start = time_stamp();
        const pthread_t thread = create();
        const std::uint64_t end = time_stamp();
        pthread_join(thread, nullptr);
        const double after = iteration_picoseconds_now(run.scale);
        const BracketedTime time = bracketed(run.scale.nanoseconds(start, end), before, after);
        samples.push_back({time.nanoseconds, time.iteration_picoseconds, time.disagreement});
    }
    samples.erase(samples.begin()); // the first has no cached stack yet
    return samples;
}

std::vector<Sample> measure_thread_life(const ProbeRun& run) {
    constexpr std::int64_t threads = 50;
    return sample_batches(run, threads, [] {
        for (std::int64_t i = 0; i < threads; ++i) pthread_join(create(), nullptr);
    });
}

} // namespace switchyard::native
