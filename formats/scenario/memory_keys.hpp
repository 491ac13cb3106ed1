// The words of scenario files that are about memory: a part of the tables of keys.cpp, which alone includes this.
#pragma once

#include "formats/scenario/keys.hpp"

#include <array>

namespace switchyard::formats {

inline constexpr std::array map_keys{
    KeyDescription{"as", ValueType::name, "what the region is called", true},
    KeyDescription{"size", ValueType::size, "how large it is", true},
    KeyDescription{"kind", ValueType::text, "anonymous, shared or file"},
    KeyDescription{"access", ValueType::text, "none, read, write (and read) or execute (and read)"},
    KeyDescription{"huge", ValueType::boolean, "anonymous: huge pages where they fit"},
    KeyDescription{"populate", ValueType::boolean, "all its pages are present at once"},
    KeyDescription{"cold", ValueType::boolean, "file: none of it is in the page cache"},
    KeyDescription{"writes_to_file", ValueType::boolean, "file: writes go to it, not to copies of its pages"},
    KeyDescription{"page_size", ValueType::size, "2MiB or 1GiB: huge pages set aside (MAP_HUGETLB), and no others"},
    KeyDescription{"reserve", ValueType::boolean, "of such pages: all of them as it is mapped; true by default"},
    KeyDescription{"start_page", ValueType::integer, "of a page table, from which on its pages lie: 0 by default"},
};
inline constexpr std::array unmap_keys{
    KeyDescription{"region", ValueType::name, "the region", true},
    KeyDescription{"offset", ValueType::size, "where the part begins"},
    KeyDescription{"length", ValueType::size, "of the part; by default up to the region's end"},
};
inline constexpr std::array remap_keys{
    KeyDescription{"region", ValueType::name, "the region", true},
    KeyDescription{"size", ValueType::size, "how large it becomes", true},
};
inline constexpr std::array protect_keys{
    KeyDescription{"region", ValueType::name, "the region", true},
    KeyDescription{"access", ValueType::text, "none, read, write (and read) or execute (and read)", true},
    KeyDescription{"offset", ValueType::size, "where the part begins"},
    KeyDescription{"length", ValueType::size, "of the part; by default up to the region's end"},
};
inline constexpr std::array brk_keys{
    KeyDescription{"shrink", ValueType::size, "how much of the heap is given back", true},
};
inline constexpr std::array advise_keys{
    KeyDescription{"region", ValueType::name, "the region", true},
    KeyDescription{"advice", ValueType::text, "madvise(2)'s: dontneed, random, hugepage, populate_write, ...", true},
    KeyDescription{"offset", ValueType::size, "where the part begins"},
    KeyDescription{"length", ValueType::size, "of the part; by default up to the region's end"},
};
inline constexpr std::array touch_keys{
    KeyDescription{"region", ValueType::name, "the region, or a segment: text, data, bss, heap, stack", true},
    KeyDescription{"access", ValueType::text, "read or write"},
    KeyDescription{"pattern", ValueType::text, "sequential, strided, uniform, zipf, phases, trace or downwards"},
    KeyDescription{"offset", ValueType::size, "where the part begins"},
    KeyDescription{"length", ValueType::size, "of the part; by default up to the region's end"},
    KeyDescription{"count", ValueType::integer, "how many references; by default once through the part, or the trace"},
    KeyDescription{"stride", ValueType::size, "strided: from one reference to the next"},
    KeyDescription{"skew", ValueType::figure, "zipf: the exponent, 1 by default"},
    KeyDescription{"working_set", ValueType::size, "phases: what is referenced in one of them"},
    KeyDescription{"references_per_phase", ValueType::integer, "phases: how long one is"},
    KeyDescription{"trace", ValueType::text, "trace: a file below this one's folder, a page number a line"},
};
inline constexpr std::array observe_keys{
    KeyDescription{"as", ValueType::name, "what the observation is called", true},
    KeyDescription{"region", ValueType::name, "whose sizes are looked at"},
};
inline constexpr std::array segment_keys{
    KeyDescription{"text", ValueType::size, "the code: read-only pages of a file"},
    KeyDescription{"data", ValueType::size, "initialised variables: pages of a file, copied when written"},
    KeyDescription{"bss", ValueType::size, "variables that are zero at first"},
    KeyDescription{"heap", ValueType::size, "what 'brk' has made of it before the start"},
    KeyDescription{"stack", ValueType::size, "the most it may grow to"},
    KeyDescription{"limit", ValueType::size, "what the process and its children may have in memory"},
};
inline constexpr std::array replacement_keys{
    KeyDescription{"policy", ValueType::text, "clock, lru, ...", true},
    KeyDescription{"scope", ValueType::text,
                   "global: of everybody's pages; local: of those of the process that faults"},
};

inline constexpr MapDescription map_map{.name = "'map'", .about = "a new region of memory", .keys = map_keys};
inline constexpr MapDescription unmap_map{.name = "'unmap'", .about = "a region or a part of it", .keys = unmap_keys};
inline constexpr MapDescription remap_map{.name = "'remap'", .about = "a region's new size", .keys = remap_keys};
inline constexpr MapDescription protect_map{
    .name = "'protect'", .about = "what may be done with a region", .keys = protect_keys};
inline constexpr MapDescription brk_map{.name = "'brk'", .about = "the heap shrinks", .keys = brk_keys};
inline constexpr MapDescription advise_map{
    .name = "'advise'", .about = "what a region will be used for", .keys = advise_keys};
inline constexpr MapDescription touch_map{
    .name = "'touch'", .about = "references to pages of a region", .keys = touch_keys};
inline constexpr MapDescription observe_map{.name = "'observe'", .about = "a row of the report", .keys = observe_keys};
inline constexpr MapDescription segments_map{
    .name = "'memory'", .about = "the segments of a process, and its limit", .keys = segment_keys};
inline constexpr MapDescription replacement_map{
    .name = "'replacement'",
    .about = "the policy, and its own parameters beside it",
    .keys = replacement_keys,
    .others = OtherKeys::free,
    .other = {"", ValueType::text, "a parameter of the policy"},
};
inline constexpr std::array huge_pages_keys{
    KeyDescription{"2MiB", ValueType::integer, "how many of 2 MiB"},
    KeyDescription{"1GiB", ValueType::integer, "how many of 1 GiB"},
};
inline constexpr MapDescription huge_pages_map{
    .name = "'huge_pages'", .about = "huge pages set aside, by their size", .keys = huge_pages_keys};
inline constexpr MapDescription tlb_map{
    .name = "'tlb'",
    .about = "what the simulated TLB is like",
    .keys = {},
    .others = OtherKeys::free,
    .other = {"", ValueType::text, "one of its parameters"},
};

} // namespace switchyard::formats
