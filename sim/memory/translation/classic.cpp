#include "sim/memory/translation/classic.hpp"

#include "models/errors.hpp"

#include <fmt/format.h>
#include <numeric>

namespace switchyard::sim::classic {

namespace {

Translated fault(std::uint64_t address, Fault reason, std::uint32_t part = 0) { return {address, 0, reason, part}; }

} // namespace

std::string text(const Translated& translated) {
    const auto [address, physical, reason, part] = translated;
    switch (reason) {
    case Fault::none: break;
    case Fault::beyond_limit: return fmt::format("fault at {:#x}: beyond the limit", address);
    case Fault::beyond_segment: return fmt::format("fault at {:#x}: beyond the limit of segment {}", address, part);
    case Fault::not_permitted: return fmt::format("fault at {:#x}: segment {} does not permit it", address, part);
    case Fault::not_present: return fmt::format("fault at {:#x}: the entry of level {} is not valid", address, part);
    }
    return fmt::format("{:#x} -> {:#x}", address, physical);
}

Translated translate(const BaseAndBounds& relocation, std::uint64_t address) {
    if (address >= relocation.limit) return fault(address, Fault::beyond_limit);
    return {address, relocation.base + address};
}

Translated translate(const Segmentation& segmentation, std::uint64_t address, SegmentAccess wanted) {
    const std::uint64_t number = address / segmentation.share;
    const auto part = static_cast<std::uint32_t>(number);
    if (number >= segmentation.segments.size()) return fault(address, Fault::beyond_limit);
    const Segment& segment = segmentation.segments[number];
    const std::uint64_t offset = address % segmentation.share;
    const std::uint64_t below_end = segmentation.share - offset;
    if (segment.grows_down ? below_end > segment.limit : offset >= segment.limit)
        return fault(address, Fault::beyond_segment, part);
    const SegmentAccess& permitted = segment.permitted;
    if ((wanted.read && !permitted.read) || (wanted.write && !permitted.write) ||
        (wanted.execute && !permitted.execute))
        return fault(address, Fault::not_permitted, part);
    return {address, segment.grows_down ? segment.base - below_end : segment.base + offset, Fault::none, part};
}

Translated translate(const LinearPageTable& table, std::uint64_t address) {
    const std::uint64_t page = address >> table.offset_bits;
    if (page >= table.entries.size()) return fault(address, Fault::beyond_limit);
    const std::uint64_t entry = table.entries[page];
    if ((entry & table.format.valid_mask) == 0) return fault(address, Fault::not_present);
    const std::uint64_t offset = address - (page << table.offset_bits);
    return {address, ((entry & table.format.frame_mask) << table.offset_bits) + offset};
}

Translated translate(const MultiLevelTable& table, std::span<const std::uint8_t> memory, std::uint64_t address,
                     std::vector<WalkStep>* path) {
    unsigned shift = std::accumulate(table.index_bits.begin(), table.index_bits.end(), table.offset_bits);
    if (shift < 64 && address >> shift != 0) return fault(address, Fault::beyond_limit);
    std::uint64_t frame = table.root_frame;
    for (std::uint32_t level = 0; level < table.index_bits.size(); ++level) {
        shift -= table.index_bits[level];
        const std::uint64_t index = address >> shift & ((std::uint64_t{1} << table.index_bits[level]) - 1);
        const std::uint64_t at = (frame << table.offset_bits) + index * table.entry_bytes;
        if (at + table.entry_bytes > memory.size())
            throw InputError(fmt::format("a page table of level {} lies at {:#x}, outside of memory", level, at));
        std::uint64_t entry = 0;
        for (unsigned byte = table.entry_bytes; byte-- > 0;) entry = entry << 8U | memory[at + byte];
        if (path != nullptr) path->push_back({index, entry});
        if ((entry & table.format.valid_mask) == 0) return fault(address, Fault::not_present, level);
        frame = entry & table.format.frame_mask;
    }
    const std::uint64_t offset = address & ((std::uint64_t{1} << table.offset_bits) - 1);
    return {address, (frame << table.offset_bits) + offset};
}

} // namespace switchyard::sim::classic
