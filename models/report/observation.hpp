// What `observe` operations saw: rows of a report.
#pragma once

#include "models/units/size.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace switchyard {

// What one observation says; what is not known is absent. The first three are differences since the same task's
// previous observation, or its start, and are its own memory operations' doing; page tables are those of its process.
// The sizes are of the region observed, as its own entry of /proc/PID/smaps has them, in whole KiB rounded down.
struct ObservedFigures {
    std::optional<std::int64_t> minor_faults; // getrusage(2): without waiting for a device
    std::optional<std::int64_t> major_faults; // with
    std::optional<std::int64_t> page_tables;  // bytes (VmPTE), all levels below the top one; negative: given back
    std::optional<std::int64_t> resident;     // Rss: pages that are present, the zero page not counted
    std::optional<std::int64_t> proportional; // Pss: each of them divided by how many have it mapped
    std::optional<std::int64_t> shared;       // Shared_Clean + Shared_Dirty: those that others have mapped too
    std::optional<std::int64_t> private_;     // Private_Clean + Private_Dirty
    std::optional<std::int64_t> anonymous;    // Anonymous: those that no file has
    std::optional<std::int64_t> huge;         // AnonHugePages: those in huge pages
    // Private_Hugetlb + Shared_Hugetlb: explicit huge pages, which none of the others counts; absent where there are
    // none.
    std::optional<std::int64_t> hugetlb;
    friend bool operator==(const ObservedFigures&, const ObservedFigures&) = default;
};

// The figures by name: the one place where the names exist. Metrics, JSON and tables all read it.
struct ObservedFigureDescription {
    std::string_view name; // the metric is "memory.OBSERVATION.NAME"
    std::optional<std::int64_t> ObservedFigures::*member;
    bool is_size;       // in bytes; else a count
    bool is_difference; // since the previous observation
};
inline constexpr std::array<ObservedFigureDescription, 10> observed_figures{{
    {"minor_faults", &ObservedFigures::minor_faults, false, true},
    {"major_faults", &ObservedFigures::major_faults, false, true},
    {"page_tables", &ObservedFigures::page_tables, true, true},
    {"resident", &ObservedFigures::resident, true, false},
    {"proportional", &ObservedFigures::proportional, true, false},
    {"shared", &ObservedFigures::shared, true, false},
    {"private", &ObservedFigures::private_, true, false},
    {"anonymous", &ObservedFigures::anonymous, true, false},
    {"huge", &ObservedFigures::huge, true, false},
    {"hugetlb", &ObservedFigures::hugetlb, true, false},
}};

// All observations of one name together: of how ever many instances of a template, and their children, how ever often.
struct ObservationReport {
    std::string name;
    std::string task;        // the template
    std::uint64_t count = 0; // observations made; at 0 no figure is there
    ObservedFigures figures; // differences are added up; sizes are means, rounded down

    friend bool operator==(const ObservationReport&, const ObservationReport&) = default;
};

// Adds observations up. A figure that one of them does not know is not known of all.
class ObservationSum {
public:
    ObservationSum() = default;
    ObservationSum(std::uint64_t count, const ObservedFigures& sums) : count_(count), sums_(sums) {}

    void add(const ObservedFigures& seen);
    [[nodiscard]] ObservationReport report(std::string name, std::string task) const;

private:
    std::uint64_t count_ = 0;
    ObservedFigures sums_; // of all figures
};

} // namespace switchyard
