#include "sim/kernel/shootdown.hpp"

#include "sim/kernel/dispatch.hpp"
#include "sim/kernel/virtual_memory.hpp"

namespace switchyard::sim {

StaleTranslations stale_translations(const memory::Change& change, const memory::Layout& layout) {
    StaleTranslations stale;
    stale.tables_freed = change.tables_freed > 0;
    if (change.stale_first >= change.stale_end) return stale;
    const memory::PageNumber pages = change.stale_end - change.stale_first;
    const std::uint64_t invalidations = pages / layout.pages_at(change.stale_level);
    if (invalidations > single_page_flush_ceiling) return stale;
    stale.first = change.stale_first;
    stale.pages = pages;
    stale.invalidations = invalidations;
    return stale;
}

Duration shoot_down(const Execution& e, const StaleTranslations& stale) {
    Kernel& kernel = e.kernel;
    VirtualMemory& vm = *kernel.virtual_memory;
    const AddressSpaceId identifier = kernel.processes[e.task().process].address_space;
    std::uint32_t told = 0;
    for (Core& core : kernel.cores) {
        if (stale.by_fault && core.id == e.core) continue;
        TranslationHardware& hardware = vm.translation[core.id];
        const bool has_loaded = core.address_space == identifier && !core.left_address_space;
        const bool runs_it = has_loaded && core.current != no_task;
        if (runs_it && stale.pages > 0)
            hardware.flush_range(identifier, stale.first, stale.pages);
        else
            hardware.flush_address_space(identifier);
        if (core.id == e.core || !(runs_it || (has_loaded && stale.tables_freed))) continue;
        ++told;
        if (runs_it) {
            const auto amount = static_cast<std::int64_t>(stale.invalidations);
            interrupt(kernel, core.id,
                      charge(kernel, Cost::tlb_shootdown_interrupted, Quantity::pages, amount) *
                          static_cast<std::int64_t>(stale.times));
        } else {
            core.left_address_space = true;
        }
    }
    if (told == 0) return {};
    const std::uint64_t interrupts = told * stale.times;
    kernel.counters.tlb_shootdowns += interrupts;
    record(kernel, {kernel.now(), static_cast<std::int64_t>(stale.pages), e.actor, no_task, e.core,
                    EventKind::shootdown, 0, static_cast<std::uint32_t>(interrupts)});
    return charge(kernel, Cost::tlb_shootdown) * static_cast<std::int64_t>(interrupts);
}

} // namespace switchyard::sim
