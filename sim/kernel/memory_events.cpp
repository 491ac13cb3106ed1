#include "sim/kernel/memory_events.hpp"

#include "sim/kernel/virtual_memory.hpp"

namespace switchyard::sim {

void FaultLog::add(const memory::FaultCounts& faults) {
    for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
        if (count[kind] == 0) first[kind] = faults.first_fault;
        count[kind] += faults.of_kind[kind];
    }
    const auto moved = [&](Transfer how, std::uint64_t pages) { transferred[static_cast<std::size_t>(how)] += pages; };
    moved(Transfer::swapped_in, faults.pages_swapped_in);
    moved(Transfer::swapped_out, faults.pages_swapped_out);
    moved(Transfer::written_back, faults.pages_written_back);
}

void record_faults(const Execution& e, const FaultLog& log) {
    Kernel& kernel = e.kernel;
    for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
        if (log.count[kind] == 0) continue;
        const std::uint64_t address = log.first[kind] * static_cast<std::uint64_t>(kernel.virtual_memory->page_size);
        record(kernel, {kernel.now(), static_cast<std::int64_t>(address), e.actor, no_task, e.core, EventKind::faulted,
                        static_cast<std::uint8_t>(kind), static_cast<std::uint32_t>(log.count[kind])});
    }
    for (std::size_t how = 0; how < log.transferred.size(); ++how)
        if (log.transferred[how] > 0)
            record(kernel, {kernel.now(), static_cast<std::int64_t>(log.transferred[how]), e.actor, no_task, e.core,
                            EventKind::transferred, static_cast<std::uint8_t>(how), 0});
}

} // namespace switchyard::sim
