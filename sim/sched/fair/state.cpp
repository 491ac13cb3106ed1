#include "sim/sched/fair/state.hpp"

namespace switchyard::sim {

FairState::FairState(const FairParameters& given, SchedulerHost& of, const Topology& topology, std::uint32_t hz)
    : parameters(given),
      host(of),
      cores(static_cast<CoreId>(topology.cores())),
      tick_picoseconds(hz == 0 ? 0 : 1'000'000'000'000 / hz),
      tick(hz == 0 ? 0 : (1'000'000'000 + hz / 2) / hz),
      by_core(topology.cores()),
      core_loads(topology.cores()),
      machine(topology),
      idle_cores((topology.cores() + 63U) / 64U),
      overloaded_cores((topology.cores() + 63U) / 64U),
      left_out((topology.cores() + 63U) / 64U) {
    const std::int64_t factor = scaling_factor(given.tunable_scaling, given.processors > 0 ? given.processors : cores);
    normalized_base_slice = nanoseconds(given.base_slice);
    base_slice = normalized_base_slice * factor;
    latency = nanoseconds(given.latency) * factor;
    min_granularity = nanoseconds(given.min_granularity) * factor;
    idle_min_granularity = nanoseconds(given.idle_min_granularity);
    wakeup_granularity = nanoseconds(given.wakeup_granularity) * factor;
    migration_cost = nanoseconds(given.migration_cost);
    bandwidth_slice = nanoseconds(given.bandwidth_slice);
    latency_tasks = min_granularity == 0 ? 1 : (latency + min_granularity - 1) / min_granularity;
    groups.resize(1);
    queues.resize(cores);
    queue_loads.resize(cores);
    for (CoreId core = 0; core < cores; ++core) {
        queues[core].core = core;
        idle_cores[core / 64U] |= std::uint64_t{1} << (core % 64U);
    }
}

} // namespace switchyard::sim
