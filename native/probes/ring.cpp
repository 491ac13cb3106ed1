// More than two tasks on one processor that do nothing but sched_yield. What a switch takes longer than between two is
// what the others have displaced meanwhile: stacks and the kernel's records of tasks from the caches, of processes TLB
// entries and page tables besides.
#include "native/probes/partner.hpp"
#include "native/probes/primitives.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <sched.h>

namespace switchyard::native {

namespace {

constexpr std::int64_t hand_overs = 1000; // a batch, about

std::int64_t rounds_of(std::int64_t tasks) { return std::max<std::int64_t>(hand_overs / tasks, 1); }

using Partners = std::vector<std::unique_ptr<Partner>>;

struct YieldRing {
    std::atomic<bool> stop{false};
    std::atomic<std::int64_t> ready{0};
    std::atomic<std::int64_t> yields{0}; // by the others
};

std::vector<Sample> measure_yield_ring(const ProbeRun& run, PartnerKind kind) {
    const std::int64_t others = run.amount;
    const std::int64_t rounds = rounds_of(others + 1);
    const Shared<YieldRing> ring;
    Partners partners;
    for (std::int64_t i = 0; i < others; ++i)
        partners.push_back(std::make_unique<Partner>(kind, [&] {
            ring->ready.fetch_add(1, std::memory_order_relaxed);
            while (!ring->stop.load(std::memory_order_relaxed)) {
                sched_yield();
                ring->yields.fetch_add(1, std::memory_order_relaxed);
            }
        }));
    while (ring->ready.load(std::memory_order_relaxed) < others) sched_yield();
    // Only batches count in which everybody had as many turns as the others.
    std::vector<std::int64_t> turns_of_others;
    const std::vector<Sample> samples = sample_batches(run, rounds * (others + 1), [&] {
        const std::int64_t before = ring->yields.load(std::memory_order_relaxed);
        for (std::int64_t round = 0; round < rounds; ++round) sched_yield();
        turns_of_others.push_back(ring->yields.load(std::memory_order_relaxed) - before);
    });
    ring->stop = true;
    std::vector<Sample> strict;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const std::int64_t too_many = turns_of_others[i + 1] - rounds * others; // the first was the warm-up
        if (std::abs(too_many) * 100 <= rounds * others) strict.push_back(samples[i]);
    }
    return strict;
}

} // namespace

std::vector<Sample> measure_yield_ring_of_threads(const ProbeRun& run) {
    return measure_yield_ring(run, PartnerKind::thread);
}

std::vector<Sample> measure_yield_ring_of_processes(const ProbeRun& run) {
    return measure_yield_ring(run, PartnerKind::process);
}

} // namespace switchyard::native
