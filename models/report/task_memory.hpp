// What the instances of a task template did in memory, and what their processes had of it: figures by name.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace switchyard {

// The first ones are a task's own doing. `fault_...` are the thirteen kinds of docs/memory.md, each fault being of
// exactly one, the last two major. Sizes are of the process a task lives in: at the highest until the task ended, or
// when it ended.
enum class MemoryFigure : std::uint8_t {
    references,
    minor_faults,
    major_faults,
    major_faults_per_thousand, // references: the rate of thrashing
    fault_zero_page,
    fault_anonymous,
    fault_copy,
    fault_after_zero_page,
    fault_reuse,
    fault_shared,
    fault_page_cache,
    fault_huge,
    fault_huge_zero,
    fault_huge_reuse,
    fault_swap_cache,
    fault_swap_in,
    fault_file_read,
    tlb_misses, // of the first level
    page_walks,
    pages_swapped_in, // by its faults
    pages_swapped_out,
    pages_written_back,
    bytes_swapped_in,
    bytes_swapped_out,
    working_set,      // pages its process referenced within `working_set_window` references, on average
    most_working_set, // and in the window with most
    peak_resident,
    resident,
    proportional,
    shared,
    swapped,
    peak_page_tables, // all levels below the top one
    page_tables,
};
inline constexpr std::size_t memory_figures = static_cast<std::size_t>(MemoryFigure::page_tables) + 1;
inline constexpr std::size_t fault_kinds_reported = 13; // from MemoryFigure::fault_zero_page on

// How those of several instances become one.
enum class Together : std::uint8_t { sum, mean, most };

struct MemoryFigureDescription {
    std::string_view metric; // behind "task.TASK."
    std::string_view name;   // its last part; of kinds of faults its last two: "faults.copy"
    bool is_size;            // in bytes; else a count
    Together together;
};
[[nodiscard]] const MemoryFigureDescription& describe(MemoryFigure figure);

// Kinds of faults by number, in the order above, and by the names they have here.
[[nodiscard]] constexpr MemoryFigure fault_figure(std::size_t kind) {
    return static_cast<MemoryFigure>(static_cast<std::size_t>(MemoryFigure::fault_zero_page) + kind);
}
[[nodiscard]] constexpr bool is_kind_of_fault(MemoryFigure figure) {
    return figure >= MemoryFigure::fault_zero_page && figure <= MemoryFigure::fault_file_read;
}
[[nodiscard]] std::optional<MemoryFigure> fault_kind_named(std::string_view name);

// What is not known is absent, never zero.
class MemoryFigures {
public:
    [[nodiscard]] const std::optional<std::int64_t>& operator[](MemoryFigure figure) const {
        return values_[static_cast<std::size_t>(figure)];
    }
    [[nodiscard]] std::optional<std::int64_t>& operator[](MemoryFigure figure) {
        return values_[static_cast<std::size_t>(figure)];
    }
    [[nodiscard]] bool empty() const { return *this == MemoryFigures{}; }
    friend bool operator==(const MemoryFigures&, const MemoryFigures&) = default;

private:
    std::array<std::optional<std::int64_t>, memory_figures> values_;
};

// Puts the figures of instances together. One that some instance does not know is not known.
class MemoryFigureSum {
public:
    void add(const MemoryFigures& figures);
    [[nodiscard]] MemoryFigures together() const; // means are rounded down; no instance: nothing is known

private:
    std::int64_t count_ = 0;
    MemoryFigures sums_;
};

} // namespace switchyard
