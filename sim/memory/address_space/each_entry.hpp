// The reverse map, without a word of memory for it: a frame knows its object and index, or its family and home, so that
// the regions that may map it are found, and in each the one page that may (Linux: rmap over anon_vma and i_mmap).
#pragma once

#include "sim/memory/address_space/address_space.hpp"

namespace switchyard::sim::memory {

// Stops when as many entries were seen as map the frame. `visit` may change an entry, but make and remove none.
template <typename Visit>
void Memory::each_entry(FrameNumber number, const Visit& visit) {
    std::uint32_t left = frames_.maps(number);
    if (left == 0) return;
    const Frame& frame = frames_[number];
    const PageNumber index = frame.index;
    const ObjectId object = frame.object;
    const auto look = [&](AddressSpace& space, const Region& region, PageNumber page) {
        const LeafTable table = space.tables_.find(page);
        if (!table || table.is_alone) return;
        const Entry mapped = table.at(page);
        if ((mapped & (entry::present | entry::zero)) != entry::present) return;
        const FrameNumber first = number - (table.huge() ? number % frames_.block() : 0);
        if (entry::number(mapped) != first) return;
        --left;
        visit(space, region, table, page);
    };
    if (object == no_object) {
        for (const SpaceId id : families_[frame.family]) {
            AddressSpace& space = *spaces_[id];
            if (const Region* region = space.region_of(index); region != nullptr && region->home == region->first)
                look(space, *region, index);
            for (std::size_t at = 0; space.moved_ && left > 0 && at < space.regions_.size(); ++at)
                if (const Region& region = space.regions_[at];
                    region.home != region.first && index >= region.home && index - region.home < region.pages())
                    look(space, region, region.first + (index - region.home));
            if (left == 0) return;
        }
        return;
    }
    for (const auto& space : spaces_) {
        if (!space) continue;
        for (const Region& region : space->regions_) {
            if (region.object == object && index >= region.offset && index - region.offset < region.pages())
                look(*space, region, region.first + (index - region.offset));
            if (left == 0) return;
        }
    }
}

} // namespace switchyard::sim::memory
