// What a scenario's memory operations must be before an executor may run them without looking twice.
#pragma once

#include "models/scenario/program.hpp"
#include "models/scenario/scenario.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace switchyard {

inline constexpr std::size_t most_named_regions = 10'000;

// The operands of one operation by themselves: they exist, no size is negative or 0 where there must be one, flags
// belong to the kind of region they are given with, segments are neither mapped nor unmapped, a drawn pattern says how
// many references it makes. Throws InputError without a place.
void check_operands(const MemoryOperands& operands, const Operation& operation);

// What a `compute` goes over, if it says so: it exists, and has a size unless it is a region. Throws likewise.
void check_working_set(const Program& program, const Operation& operation);

// All of a scenario's memory, task by task: every region named is one of the process's segments or mapped by one of its
// tasks; what is touched lies within its region, and a drawn or listed reference string within what is touched, where
// sizes are known beforehand (and where they are not, 'length' is given); no region is mapped where it certainly is
// already; observations of two tasks have two names. Throws InputError at the operation's place.
void check_memory(const Scenario& scenario);

// The machine's memory and the segments of processes: sizes in order, page and address sizes that exist. Throws
// InputError without a place.
void validate(const MachineMemory& memory);
void validate(const SegmentSizes& segments);

// Whether its page tables know pages of 2 MiB and 1 GiB.
[[nodiscard]] bool has_huge_pages(const MachineMemory& memory);

// What a process may be limited to at least: a fault may need two pages, and so may the next one.
inline constexpr std::int64_t least_pages_of_limit = 4;

// The regions of a scenario under one numbering: the five segments, in order, then all other names.
struct RegionNumbering {
    std::vector<std::string> names;
    std::vector<std::vector<std::uint32_t>> of_program; // by template, by index into its MemoryOperands::regions
};
[[nodiscard]] RegionNumbering number_regions(const Scenario& scenario);

// How large regions are, where that is the same at all times: nobody remaps one, and all who map it agree.
class KnownSizes {
public:
    explicit KnownSizes(const Scenario& scenario);

    // Of a region (of that numbering) in the processes of a template's tasks; nothing where it is not known, or nobody
    // there maps it.
    [[nodiscard]] std::optional<Bytes> of(std::uint32_t program, std::uint32_t region) const;
    // Of which size its explicit huge pages are; nothing where it has none, or not always.
    [[nodiscard]] std::optional<Bytes> page_size_of(std::uint32_t program, std::uint32_t region) const;
    // Whether it is a segment of those processes, or some task there maps it.
    [[nodiscard]] bool exists(std::uint32_t program, std::uint32_t region) const;
    // Which templates' tasks live in one process: equal numbers do.
    [[nodiscard]] std::uint32_t process_of(std::uint32_t program) const { return process_of_[program]; }

private:
    struct Known {
        bool exists = false;
        bool varies = false;
        Bytes size;
        Bytes page_size; // of explicit huge pages
    };
    std::vector<std::uint32_t> process_of_;   // by template
    std::vector<std::vector<Known>> regions_; // by process, by region
};

} // namespace switchyard
