// What a program says of its memory: regions it maps, what it does to them, how it references them, what it asks the
// kernel about them.
//
// Regions have names. A name is looked up in the address space of the task that uses it: threads of one process see the
// same regions, a fork's child has copies of all its parent's under the same names. Five names are there without being
// mapped: the segments of a process (Segments). What is outside of every region, or forbidden by its permissions, is a
// fault nobody handles: the process dies, as after `crash`.
#pragma once

#include "models/units/size.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

// --- Regions -----------------------------------------------------------------------------------------------------

enum class RegionKind : std::uint8_t {
    anonymous, // zeros at first; a fork's child gets a copy, page by page when one of the two writes
    shared,    // zeros at first; a fork's child has the same memory (MAP_SHARED | MAP_ANONYMOUS)
    file,      // the pages of a file of the region's size, by way of the page cache
};
inline constexpr int region_kinds = 3;
[[nodiscard]] std::string_view name_of(RegionKind kind); // "anonymous", "shared", "file"

struct Permissions {
    bool read = true;
    bool write = true;
    bool execute = false;
    friend bool operator==(const Permissions&, const Permissions&) = default;
};

// The parts of a process's image, by execve(2): regions that are there before it begins, none of their pages present.
enum class Segment : std::uint8_t {
    text,  // private file pages, to be read and executed
    data,  // private file pages, to be read and written: a first write copies
    bss,   // anonymous
    heap,  // anonymous; `brk` changes its size
    stack, // anonymous, grows downwards as it is touched; its size is the most it may grow to, its offset 0 the lowest
           // address of all that, below which nobody may touch
};
inline constexpr int segments = 5;
[[nodiscard]] std::string_view name_of(Segment segment); // "text", "data", "bss", "heap", "stack"
[[nodiscard]] std::optional<Segment> segment_named(std::string_view name);

// How large they are; 0: there is none (a heap begins empty).
struct SegmentSizes {
    Bytes text, data, bss, heap, stack;

    [[nodiscard]] Bytes of(Segment segment) const;
    friend bool operator==(const SegmentSizes&, const SegmentSizes&) = default;
};

// --- What operations have as operands ----------------------------------------------------------------------------

inline constexpr std::uint32_t no_region = std::numeric_limits<std::uint32_t>::max();

// `region` is an index into MemoryOperands::regions in all of these. Lengths of 0 reach to the region's end as it is
// when the operation is executed. Offsets and lengths are in bytes; what they touch is acted on in whole pages.
struct RegionPart {
    std::uint32_t region = no_region;
    Bytes offset;
    Bytes length;
    friend bool operator==(const RegionPart&, const RegionPart&) = default;
};

// OperationKind::map, mmap(2). Its address is RegionPlacement's.
struct Mapping {
    std::uint32_t region = no_region;
    RegionKind kind = RegionKind::anonymous;
    Bytes size;
    Permissions permissions;
    bool huge = false;            // anonymous: huge pages where they fit (MADV_HUGEPAGE); else never
    bool populate = false;        // all pages present at once (MAP_POPULATE)
    bool cold = false;            // file: none of its pages is in the page cache; else all are
    bool writes_to_file = false;  // file: writes go to its pages (MAP_SHARED); else to copies of them (MAP_PRIVATE)
    std::uint32_t start_page = 0; // pages behind a multiple of `placement_alignment`
    Bytes page_size;              // 2 MiB or 1 GiB: explicit huge pages of that size (MAP_HUGETLB); else none
    bool reserve = true;          // explicit huge pages are set aside for all of it at once (no MAP_NORESERVE)
    friend bool operator==(const Mapping&, const Mapping&) = default;
};

// OperationKind::remap, mremap(2): grown regions move (RegionPlacement), with the pages they have.
struct Remapping {
    std::uint32_t region = no_region;
    Bytes size;
    friend bool operator==(const Remapping&, const Remapping&) = default;
};

// OperationKind::protect, mprotect(2).
struct Protection {
    RegionPart part;
    Permissions permissions;
    friend bool operator==(const Protection&, const Protection&) = default;
};

// OperationKind::brk: the heap grows, or shrinks, by so much.
struct HeapChange {
    std::int64_t bytes = 0;
    friend bool operator==(const HeapChange&, const HeapChange&) = default;
};

// madvise(2).
enum class Advice : std::uint8_t {
    normal,
    random,         // no read-ahead
    sequential,     // much of it
    willneed,       // read ahead now
    dontneed,       // the pages go: anonymous ones are zeros afterwards
    free,           // they may go until they are written again
    hugepage,       // huge pages where they fit
    nohugepage,     // never
    populate_read,  // all present, as after a read
    populate_write, // all present, as after a write
};
inline constexpr int advices = static_cast<int>(Advice::populate_write) + 1;
[[nodiscard]] std::string_view name_of(Advice advice); // "normal", "random", ...

// OperationKind::advise.
struct Advising {
    RegionPart part;
    Advice advice = Advice::normal;
    friend bool operator==(const Advising&, const Advising&) = default;
};

enum class Access : std::uint8_t { read, write };

// Which pages of its range a `touch` references, one after another. P is how many pages the range has.
enum class AccessPattern : std::uint8_t {
    sequential, // 0, 1, ... P - 1, from the start again after that
    strided,    // those at offset 0, S, 2S, ... bytes, `stride` being S, modulo the range's length
    uniform,    // each equally likely
    zipf,       // page k with a probability in proportion to 1 / (k + 1)^skew
    phases,     // a working set of neighbours, each equally likely; in each phase another one, its place drawn
    trace,      // those a file lists
    downwards,  // P - 1, ... 1, 0, as a stack is used; a length may reach below a stack: into its guard
};
inline constexpr int access_patterns = static_cast<int>(AccessPattern::downwards) + 1;
[[nodiscard]] std::string_view name_of(AccessPattern pattern); // "sequential", "strided", ...

// Whether which pages it references is drawn (reference_string.hpp).
[[nodiscard]] constexpr bool is_drawn(AccessPattern pattern) {
    return pattern == AccessPattern::uniform || pattern == AccessPattern::zipf || pattern == AccessPattern::phases;
}

// OperationKind::touch: one load or store in each page referenced.
struct Touch {
    RegionPart part; // the range
    Access access = Access::read;
    AccessPattern pattern = AccessPattern::sequential;
    std::uint64_t count = 0;   // references; 0: once through the range (sequential, strided, downwards), or the trace
    Bytes stride;              // strided
    std::uint32_t skew = 1000; // zipf: the exponent, in thousandths
    Bytes working_set;         // phases
    std::uint64_t references_per_phase = 0; // phases
    std::uint32_t trace = 0;                // trace: index into MemoryOperands::traces
    friend bool operator==(const Touch&, const Touch&) = default;
};

// Page numbers, counted from the beginning of the range that is touched.
struct PageTrace {
    std::string name; // of its file
    std::vector<std::uint32_t> pages;
    friend bool operator==(const PageTrace&, const PageTrace&) = default;
};

// What a `compute` goes over again and again, so that it is in the caches while nobody displaces it: a region of the
// address space as it is then, whose pages are all there, or so many bytes of the task's own. `work` is what the
// computation takes once its working set is in the caches; bringing it there comes on top.
//
// A computation goes over its working set once in 100 us or, where that takes more than an eighth of them, an eighth of
// the time; each line is loaded only when the one before is there, in an order that no prefetcher foresees.
struct WorkingSet {
    std::uint32_t region = no_region; // index into MemoryOperands::regions
    Bytes size;                       // of the task's own, without a region
    friend bool operator==(const WorkingSet&, const WorkingSet&) = default;
};

// OperationKind::observe: what the kernel says of the task and of a region becomes a row of the report
// (models/report/observation.hpp).
struct Observation {
    std::string name;
    std::uint32_t region = no_region; // none: of the task only
    friend bool operator==(const Observation&, const Observation&) = default;
};

// The operands of a program's memory operations; Operation::object is an index into the one its kind is about.
struct MemoryOperands {
    std::vector<std::string> regions; // names, of segments too where the program mentions them
    std::vector<Mapping> mappings;    // map
    std::vector<RegionPart> parts;    // unmap
    std::vector<Remapping> remappings;
    std::vector<Protection> protections;
    std::vector<HeapChange> heap_changes; // brk
    std::vector<Advising> advisings;
    std::vector<Touch> touches;
    std::vector<PageTrace> traces;
    std::vector<Observation> observations;
    friend bool operator==(const MemoryOperands&, const MemoryOperands&) = default;
};

inline constexpr Bytes most_region_size = Bytes{std::int64_t{1} << 38};        // 256 GiB
inline constexpr std::uint32_t most_pages_drawn_from = std::uint32_t{1} << 26; // and listed in a trace
inline constexpr std::uint64_t most_drawn_references = std::uint64_t{1} << 31; // of one execution
inline constexpr std::uint32_t most_start_page = 511;
inline constexpr std::uint32_t highest_skew = 10'000;

// --- Where regions lie -------------------------------------------------------------------------------------------

// Real kernels choose addresses by what else is mapped and at random. So that page tables are the same in every run,
// regions here lie where this says: one behind the other from `first_placement` up, as they are mapped, each beginning
// `start_page` pages behind a multiple of `placement_alignment` (what one page table maps), with at least as much
// unmapped between two. Addresses are not used again. Nothing else is within the 512 GiB around the first.
//
// An address space begins with an empty one; before the program, the segments text, data, bss and stack are placed in
// this order, those that are there. The heap is not: it lies where the kernel's brk does. A fork's child goes on with a
// copy of its parent's; an exec's image begins anew. A region that grows by `remap` is placed again, with the
// `start_page` it had; one that shrinks stays where it is.
// Explicit huge pages begin at a multiple of their size instead.
inline constexpr Bytes placement_alignment{std::int64_t{2} << 20};
inline constexpr Bytes large_page{std::int64_t{2} << 20}; // sizes of explicit huge pages
inline constexpr Bytes huge_page{std::int64_t{1} << 30};
inline constexpr std::uint64_t first_placement = std::uint64_t{1} << 44;    // 48 and 57 bits of address
inline constexpr std::uint64_t first_placement_32 = std::uint64_t{1} << 30; // 32 bits

class RegionPlacement {
public:
    explicit constexpr RegionPlacement(std::uint64_t first = first_placement) : next_(first) {}

    // The address of the next region, and room for it taken.
    constexpr std::uint64_t place(Bytes size, std::uint32_t start_page, Bytes page = base_page,
                                  Bytes multiple = placement_alignment) {
        const auto alignment = static_cast<std::uint64_t>(placement_alignment.count);
        const auto first = static_cast<std::uint64_t>(std::max(multiple, placement_alignment).count);
        next_ = (next_ + first - 1) / first * first;
        const std::uint64_t begin = next_ + std::uint64_t{start_page} * static_cast<std::uint64_t>(page.count);
        const std::uint64_t end = begin + static_cast<std::uint64_t>(size.count);
        next_ = (end + alignment - 1) / alignment * alignment + alignment;
        return begin;
    }

private:
    std::uint64_t next_;
};

} // namespace switchyard
