#include "models/scenario/memory.hpp"

#include <array>

namespace switchyard {

std::string_view name_of(RegionKind kind) {
    static constexpr std::array<std::string_view, region_kinds> names{"anonymous", "shared", "file"};
    return names[static_cast<std::size_t>(kind)];
}

std::string_view name_of(Segment segment) {
    static constexpr std::array<std::string_view, segments> names{"text", "data", "bss", "heap", "stack"};
    return names[static_cast<std::size_t>(segment)];
}

std::optional<Segment> segment_named(std::string_view name) {
    for (int segment = 0; segment < segments; ++segment)
        if (name_of(static_cast<Segment>(segment)) == name) return static_cast<Segment>(segment);
    return std::nullopt;
}

Bytes SegmentSizes::of(Segment segment) const {
    switch (segment) {
    case Segment::text: return text;
    case Segment::data: return data;
    case Segment::bss: return bss;
    case Segment::heap: return heap;
    case Segment::stack: return stack;
    }
    return {};
}

std::string_view name_of(Advice advice) {
    static constexpr std::array<std::string_view, advices> names{
        "normal", "random",   "sequential", "willneed",      "dontneed",
        "free",   "hugepage", "nohugepage", "populate_read", "populate_write"};
    return names[static_cast<std::size_t>(advice)];
}

std::string_view name_of(AccessPattern pattern) {
    static constexpr std::array<std::string_view, access_patterns> names{"sequential", "strided", "uniform",  "zipf",
                                                                         "phases",     "trace",   "downwards"};
    return names[static_cast<std::size_t>(pattern)];
}

} // namespace switchyard
