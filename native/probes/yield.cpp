// Two tasks on one processor that do nothing but sched_yield: one system call and one switch a yield. And one task alone:
// the scheduler looks for another and finds none.
#include "native/probes/partner.hpp"
#include "native/probes/primitives.hpp"

#include <algorithm>
#include <atomic>
#include <sched.h>

namespace switchyard::native {

namespace {

struct YieldState {
    std::atomic<bool> stop{false};
    std::atomic<std::int64_t> partner_yields{0};
};

std::vector<Sample> measure_yield(const ProbeRun& run, PartnerKind kind) {
    constexpr std::int64_t yields = 1000;
    const Shared<YieldState> state;
    Partner partner(kind, [&] {
        while (!state->stop.load(std::memory_order_relaxed)) {
            sched_yield();
            state->partner_yields.fetch_add(1, std::memory_order_relaxed);
        }
    });
    // A yield that switches to nobody is cheap: only batches count in which the two took turns strictly.
    std::vector<std::int64_t> turns_of_partner;
    std::vector<Sample> samples = sample_batches(run, 2 * yields, [&] {
        const std::int64_t before = state->partner_yields.load(std::memory_order_relaxed);
        for (std::int64_t yield = 0; yield < yields; ++yield) sched_yield();
        turns_of_partner.push_back(state->partner_yields.load(std::memory_order_relaxed) - before);
    });
    state->stop = true;
    std::vector<Sample> strict;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const std::int64_t turns = turns_of_partner[i + 1]; // the first was the warm-up
        if (turns >= yields * 99 / 100 && turns <= yields * 101 / 100) strict.push_back(samples[i]);
    }
    return strict;
}

} // namespace

std::vector<Sample> measure_yield_alone(const ProbeRun& run) {
    constexpr std::int64_t yields = 2000;
    return sample_batches(run, yields, [] {
        for (std::int64_t yield = 0; yield < yields; ++yield) sched_yield();
    });
}

std::vector<Sample> measure_yield_between_threads(const ProbeRun& run) {
    return measure_yield(run, PartnerKind::thread);
}

std::vector<Sample> measure_yield_between_processes(const ProbeRun& run) {
    return measure_yield(run, PartnerKind::process);
}

} // namespace switchyard::native
