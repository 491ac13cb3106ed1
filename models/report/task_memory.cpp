#include "models/report/task_memory.hpp"

#include <algorithm>

namespace switchyard {

static constexpr MemoryFigureDescription described(std::string_view metric, bool is_size, Together together) {
    return {metric, metric.substr(std::string_view("memory.").size()), is_size, together};
}

const MemoryFigureDescription& describe(MemoryFigure figure) {
    using enum Together;
    static constexpr std::array<MemoryFigureDescription, memory_figures> descriptions{{
        described("memory.references", false, sum),        described("memory.minor_faults", false, sum),
        described("memory.major_faults", false, sum),      described("memory.major_faults_per_thousand", false, sum),
        described("memory.faults.zero_page", false, sum),  described("memory.faults.anonymous", false, sum),
        described("memory.faults.copy", false, sum),       described("memory.faults.after_zero_page", false, sum),
        described("memory.faults.reuse", false, sum),      described("memory.faults.shared", false, sum),
        described("memory.faults.page_cache", false, sum), described("memory.faults.huge", false, sum),
        described("memory.faults.huge_zero", false, sum),  described("memory.faults.huge_reuse", false, sum),
        described("memory.faults.swap_cache", false, sum), described("memory.faults.swap_in", false, sum),
        described("memory.faults.file_read", false, sum),  described("memory.tlb_misses", false, sum),
        described("memory.page_walks", false, sum),        described("memory.pages_swapped_in", false, sum),
        described("memory.pages_swapped_out", false, sum), described("memory.pages_written_back", false, sum),
        described("memory.bytes_swapped_in", true, sum),   described("memory.bytes_swapped_out", true, sum),
        described("memory.working_set", true, mean),       described("memory.most_working_set", true, most),
        described("memory.peak_resident", true, most),     described("memory.resident", true, mean),
        described("memory.proportional", true, mean),      described("memory.shared", true, mean),
        described("memory.swapped", true, mean),           described("memory.peak_page_tables", true, most),
        described("memory.page_tables", true, mean),
    }};
    return descriptions[static_cast<std::size_t>(figure)];
}

std::optional<MemoryFigure> fault_kind_named(std::string_view name) {
    for (std::size_t kind = 0; kind < fault_kinds_reported; ++kind)
        if (describe(fault_figure(kind)).name == name) return fault_figure(kind);
    return std::nullopt;
}

void MemoryFigureSum::add(const MemoryFigures& figures) {
    for (std::size_t i = 0; i < memory_figures; ++i) {
        const auto each = static_cast<MemoryFigure>(i);
        std::optional<std::int64_t>& sum = sums_[each];
        const std::optional<std::int64_t>& value = figures[each];
        if (count_ == 0)
            sum = value;
        else if (sum && value)
            sum = describe(each).together == Together::most ? std::max(*sum, *value) : *sum + *value;
        else
            sum.reset();
    }
    ++count_;
}

MemoryFigures MemoryFigureSum::together() const {
    MemoryFigures figures = sums_;
    if (count_ == 0) return figures;
    for (std::size_t i = 0; i < memory_figures; ++i) {
        const auto each = static_cast<MemoryFigure>(i);
        if (figures[each] && describe(each).together == Together::mean) *figures[each] /= count_;
    }
    const auto& references = figures[MemoryFigure::references];
    const auto& major = figures[MemoryFigure::major_faults];
    if (references && *references > 0 && major)
        figures[MemoryFigure::major_faults_per_thousand] = *major * 1000 / *references;
    return figures;
}

} // namespace switchyard
