#include "sim/kernel/process_contents.hpp"

#include "sim/kernel/channels.hpp"
#include "sim/kernel/virtual_memory.hpp"

#include <algorithm>

namespace switchyard::sim {

namespace {

// Where only the number of pages is known they lie side by side.
ProcessContents without_virtual_memory(std::int64_t pages) {
    ProcessContents contents;
    contents.pages = pages;
    contents.page_tables = (pages + pages_of_page_table - 1) / pages_of_page_table;
    return contents;
}

// Any process has a table on each level between the root and the leaves; one that is laid by for a huge page is part of
// what that costs.
std::int64_t charged_tables(std::uint64_t tables, std::uint64_t huge_pages, unsigned levels) {
    const auto of_any_process = static_cast<std::int64_t>(levels) - 2;
    return std::max<std::int64_t>(static_cast<std::int64_t>(tables - std::min(tables, huge_pages)) - of_any_process, 0);
}

struct CostsOfContents {
    Cost pages, page_table, huge_page, region, descriptor;
};

Duration cost_of(Kernel& kernel, const ProcessContents& contents, const CostsOfContents& costs) {
    Duration sum = charge(kernel, costs.pages, Quantity::pages, contents.pages);
    const auto add = [&](Cost cost, std::int64_t count) {
        if (count > 0) sum += charge(kernel, cost) * count;
    };
    add(costs.page_table, contents.page_tables);
    add(costs.huge_page, contents.huge_pages);
    add(costs.region, contents.regions);
    add(costs.descriptor, contents.descriptors);
    return sum;
}

} // namespace

ProcessContents copied_by_fork(const Kernel& kernel, ProcessId parent, const memory::Change* change) {
    ProcessContents copied;
    if (change == nullptr) {
        copied = without_virtual_memory(kernel.processes[parent].pages);
    } else {
        const VirtualMemory& vm = *kernel.virtual_memory;
        copied.pages = static_cast<std::int64_t>(change->entries - change->huge_pages);
        copied.page_tables = charged_tables(change->tables_made, change->huge_pages, vm.layout.levels);
        copied.huge_pages = static_cast<std::int64_t>(change->huge_pages);
        copied.regions = static_cast<std::int64_t>(change->regions_copied);
    }
    if (kernel.channels) copied.descriptors = descriptors_of(kernel, parent);
    return copied;
}

ProcessContents contents_of(const Kernel& kernel, ProcessId process) {
    ProcessContents contents;
    if (!kernel.virtual_memory) {
        contents = without_virtual_memory(kernel.processes[process].pages);
    } else if (const memory::SpaceId id = kernel.virtual_memory->space_of[process]; id != memory::no_space) {
        memory::AddressSpace& space = kernel.virtual_memory->memory.space(id);
        const memory::Holdings holdings = space.holdings();
        contents.pages = static_cast<std::int64_t>(holdings.pages);
        contents.page_tables = charged_tables(holdings.page_tables, holdings.huge_pages, space.layout().levels);
        contents.huge_pages = static_cast<std::int64_t>(holdings.huge_pages);
        contents.regions = static_cast<std::int64_t>(holdings.regions);
    }
    if (kernel.channels) contents.descriptors = descriptors_of(kernel, process);
    return contents;
}

Duration cost_of_fork(Kernel& kernel, const ProcessContents& copied) {
    return cost_of(kernel, copied,
                   {Cost::fork, Cost::fork_table, Cost::fork_huge_page, Cost::fork_region, Cost::fork_descriptor});
}

Duration cost_of_exit(Kernel& kernel, const ProcessContents& contents) {
    return cost_of(kernel, contents,
                   {Cost::process_exit, Cost::process_exit_table, Cost::process_exit_huge_page,
                    Cost::process_exit_region, Cost::process_exit_descriptor});
}

Duration cost_of_replacing(Kernel& kernel, const ProcessContents& contents) {
    ProcessContents memory = contents;
    memory.descriptors = 0;
    return cost_of_exit(kernel, memory) - cost_of_exit(kernel, {});
}

} // namespace switchyard::sim
