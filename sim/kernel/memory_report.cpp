#include "sim/kernel/memory_report.hpp"

#include <algorithm>

namespace switchyard::sim {

namespace {

static_assert(memory::fault_kinds == fault_kinds_reported);

std::int64_t signed_of(std::uint64_t value) { return static_cast<std::int64_t>(value); }

MemoryFigures doings_of(const VirtualMemory& vm, TaskId task) {
    const TaskMemory& own = vm.tasks[task];
    MemoryFigures figures;
    figures[MemoryFigure::references] = signed_of(own.references);
    figures[MemoryFigure::minor_faults] = own.minor_faults;
    figures[MemoryFigure::major_faults] = own.major_faults;
    for (std::size_t kind = 0; kind < memory::fault_kinds; ++kind)
        figures[fault_figure(kind)] = signed_of(own.faults.of_kind[kind]);
    figures[MemoryFigure::tlb_misses] = signed_of(own.tlb_misses);
    figures[MemoryFigure::page_walks] = signed_of(own.page_walks);
    figures[MemoryFigure::pages_swapped_in] = signed_of(own.faults.pages_swapped_in);
    figures[MemoryFigure::pages_swapped_out] = signed_of(own.faults.pages_swapped_out);
    figures[MemoryFigure::pages_written_back] = signed_of(own.faults.pages_written_back);
    figures[MemoryFigure::bytes_swapped_in] = signed_of(own.faults.pages_swapped_in) * vm.page_size;
    figures[MemoryFigure::bytes_swapped_out] = signed_of(own.faults.pages_swapped_out) * vm.page_size;
    return figures;
}

MemoryFigures sizes_of(VirtualMemory& vm, memory::SpaceId id) {
    memory::AddressSpace& space = vm.memory.space(id);
    const memory::Figures now = space.figures(0, space.pages_end());
    const auto bytes = [&](std::uint64_t size) {
        return signed_of(size / memory::page_bytes) * vm.page_size + signed_of(size % memory::page_bytes);
    };
    const auto bytes_of_pages = [&](std::uint64_t pages) { return signed_of(pages) * vm.page_size; };
    MemoryFigures figures;
    if (const auto& meter = vm.spaces[id].working_set) {
        figures[MemoryFigure::working_set] = bytes_of_pages(meter->mean());
        figures[MemoryFigure::most_working_set] = bytes_of_pages(meter->most());
    }
    figures[MemoryFigure::peak_resident] = bytes_of_pages(space.most_resident_pages());
    figures[MemoryFigure::resident] = bytes(now.resident);
    figures[MemoryFigure::proportional] = bytes(now.proportional) / 1024 * 1024;
    figures[MemoryFigure::shared] = bytes(now.shared);
    figures[MemoryFigure::swapped] = bytes(now.swapped);
    figures[MemoryFigure::peak_page_tables] = signed_of(space.most_page_table_bytes());
    figures[MemoryFigure::page_tables] = signed_of(space.page_table_bytes());
    return figures;
}

void add_account(const Kernel& kernel, VirtualMemory& vm, TaskId id, std::vector<VirtualMemory::RowMemory>& rows) {
    const Task& task = kernel.tasks[id];
    if (task.row == nothing) return;
    if (task.row >= rows.size()) rows.resize(task.row + 1);
    VirtualMemory::RowMemory& row = rows[task.row];
    row.doings.add(doings_of(vm, id));
    if (task.process >= vm.space_of.size()) return;
    const memory::SpaceId space = vm.space_of[task.process];
    if (space == memory::no_space || !vm.memory.is_there(space)) return;
    const auto is_alive = [&](TaskId other) { return other != id && !kernel.tasks[other].ended; };
    const auto& members = kernel.processes[task.process].members; // the latest are the likeliest to be alive
    if (task.kind == TaskKind::process || std::none_of(members.rbegin(), members.rend(), is_alive))
        row.sizes.add(sizes_of(vm, space));
}

} // namespace

void close_account(Kernel& kernel, TaskId task) {
    add_account(kernel, *kernel.virtual_memory, task, kernel.virtual_memory->rows);
}

void report_memory(const Kernel& kernel, Report& report) {
    VirtualMemory& vm = *kernel.virtual_memory;
    std::vector<VirtualMemory::RowMemory> rows = vm.rows;
    for (TaskId id = 0; id < kernel.tasks.size(); ++id)
        if (!kernel.tasks[id].ended) add_account(kernel, vm, id, rows);
    rows.resize(report.tasks.size());
    for (std::size_t row = 0; row < rows.size(); ++row) {
        const MemoryFigures sizes = rows[row].sizes.together();
        MemoryFigures& figures = report.tasks[row].memory;
        figures = rows[row].doings.together();
        for (std::size_t i = 0; i < memory_figures; ++i)
            if (const auto& size = sizes[static_cast<MemoryFigure>(i)]) figures[static_cast<MemoryFigure>(i)] = size;
    }
    for (const VirtualMemory::Observed& observed : vm.observations)
        report.observations.push_back(observed.sum.report(observed.name, observed.task));
    report.notes = vm.notes;
}

} // namespace switchyard::sim
