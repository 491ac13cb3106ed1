// Pages brought from devices to memory: from files, ahead of use too, and from the swap device.
#include "sim/memory/address_space/address_space.hpp"

#include <algorithm>

namespace switchyard::sim::memory {

// Sees to it that a page of an object is in memory, for whose frame there is room.
FaultKind Memory::bring_in(AddressSpace& space, const Region& region, PageNumber index, FaultCounts& counts) {
    const ObjectId id = region.object;
    const Entry page = objects_[id].pages[index];
    if ((page & entry::present) != 0) return FaultKind::page_cache;
    if ((page & entry::swapped) != 0) return swap_in_object(space, id, index, counts);
    cache_page(id, index, &space);
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
    const bool limited = space.domain_ != no_domain;
    const PageNumber end = std::min<PageNumber>(first + pages, objects_[id].pages.size());
    constexpr std::uint32_t reserve = 1; // the fault may want it for a copy
    for (PageNumber index = first; index < end; ++index) {
        if (objects_[id].pages[index] != 0) continue;
        if (frames_.available() <= settings_.low_watermark + reserve) return;
        if (limited && domains_[space.domain_].charged + reserve >= domains_[space.domain_].limit) return;
        cache_page(id, index, &space);
        ++counts.pages_read;
        ++counters_.read;
    }
}

// To the swap cache. The copy on the device stays until the page is written.
FrameNumber Memory::swap_in(AddressSpace& space, SwapSlot slot, PageNumber home, FaultCounts& counts) {
    const FrameNumber number = take_frame(&space, no_object, home, slots_[slot].identity);
    Frame& frame = frames_[number];
    frame.content = slots_[slot].content;
    frame.slot = slot;
    slots_[slot].frame = number;
    ++counts.pages_swapped_in;
    ++counters_.swapped_in;
    return number;
}

// A page of shared memory.
FaultKind Memory::swap_in_object(AddressSpace& space, ObjectId id, PageNumber index, FaultCounts& counts) {
    const SwapSlot slot = entry::number(objects_[id].pages[index]);
    cache_page(id, index, &space);
    Frame& frame = frames_[entry::number(objects_[id].pages[index])];
    frame.content = slots_[slot].content;
    frame.dirty = true; // its copy on the device is given up
    release_slot(slot);
    ++counts.pages_swapped_in;
    ++counters_.swapped_in;
    return FaultKind::swap_in;
}

// MADV_WILLNEED on what has an object (Linux: force_page_cache_readahead, shmem_swapin_range): its pages come to
// memory, but nobody maps them.
void Memory::read_on_advice(AddressSpace& space, const Region& region, PageNumber first, PageNumber end,
                            FaultCounts& counts) {
    const ObjectId id = region.object;
    const PageNumber from = region.index_of(first);
    if (objects_[id].kind == ObjectKind::file) return read_pages(space, id, from, end - first, counts);
    const PageNumber to = std::min<PageNumber>(from + (end - first), objects_[id].pages.size());
    for (PageNumber index = from; index < to; ++index) {
        if ((objects_[id].pages[index] & entry::swapped) == 0) continue;
        if (!make_room(space, 1, counts)) return;
        swap_in_object(space, id, index, counts);
    }
}

} // namespace switchyard::sim::memory
