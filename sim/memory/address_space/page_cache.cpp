// Pages brought from devices to memory: from files, ahead of use too, and from the swap device.
#include "sim/memory/address_space/address_space.hpp"

#include <algorithm>

namespace switchyard::sim::memory {

// Sees to it that a page of an object is in memory, for whose frame there is room.
FaultKind Memory::bring_in(AddressSpace& space, const Region& region, PageNumber index, FaultCounts& counts) {
    const ObjectId id = region.object;
    const Entry page = objects_[id].pages[index];
    AddressSpace* charged = space.frame_limit_ > 0 ? &space : nullptr;
    if ((page & entry::present) != 0) return FaultKind::page_cache;
    if ((page & entry::swapped) != 0) {
        const SwapSlot slot = entry::number(page);
        cache_page(id, index, charged);
        Frame& frame = frames_[entry::number(objects_[id].pages[index])];
        frame.content = slots_[slot].content;
        frame.dirty = true; // its copy on the device is given up
        release_slot(slot);
        ++counts.pages_swapped_in;
        ++counters_.swapped_in;
        return FaultKind::swap_in;
    }
    cache_page(id, index, charged);
    if (objects_[id].kind == ObjectKind::shared_memory) return FaultKind::shared;
    ++counts.pages_read;
    ++counters_.read;
    if (region.order == Order::random) return FaultKind::file_read;
    // Read around the page, or from it onwards where references are known to go (Linux: do_sync_mmap_readahead).
    const PageNumber window = settings_.read_ahead;
    const PageNumber first = region.order == Order::sequential ? index : index - std::min(index, window / 2);
    read_pages(space, id, first, window, counts);
    objects_[id].read_ahead = first + window;
    return FaultKind::file_read;
}

// References have come to what was read last: the next pages are read while nobody waits for them.
void Memory::read_ahead(AddressSpace& space, const Region& region, PageNumber index, FaultCounts& counts) {
    MemoryObject& object = objects_[region.object];
    const PageNumber window = settings_.read_ahead;
    if (region.order == Order::random || index >= object.read_ahead || index + window < object.read_ahead) return;
    if (object.read_ahead >= object.pages.size()) return;
    const PageNumber first = object.read_ahead;
    object.read_ahead += window;
    read_pages(space, region.object, first, window, counts);
}

// As far as there are frames to spare.
void Memory::read_pages(AddressSpace& space, ObjectId id, PageNumber first, PageNumber pages, FaultCounts& counts) {
    AddressSpace* charged = space.frame_limit_ > 0 ? &space : nullptr;
    const PageNumber end = std::min<PageNumber>(first + pages, objects_[id].pages.size());
    constexpr std::uint32_t reserve = 1; // the fault may want it for a copy
    for (PageNumber index = first; index < end; ++index) {
        if (objects_[id].pages[index] != 0) continue;
        if (frames_.available() <= settings_.low_watermark + reserve) return;
        if (charged != nullptr && space.charged_ + reserve >= space.frame_limit_) return;
        cache_page(id, index, charged);
        ++counts.pages_read;
        ++counters_.read;
    }
}

// To the swap cache. The copy on the device stays until the page is written.
FrameNumber Memory::swap_in(AddressSpace* charged, SwapSlot slot, std::uint32_t family, PageNumber home,
                            FaultCounts& counts) {
    const FrameNumber number = take_frame(charged, no_object, home, slots_[slot].identity);
    Frame& frame = frames_[number];
    frame.family = family;
    frame.content = slots_[slot].content;
    frame.slot = slot;
    slots_[slot].frame = number;
    ++counts.pages_swapped_in;
    ++counters_.swapped_in;
    return number;
}

} // namespace switchyard::sim::memory
