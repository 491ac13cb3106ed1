// Frames taken and given back, and what goes when there are not enough.
#include "sim/memory/address_space/address_space.hpp"
#include "sim/memory/address_space/each_entry.hpp"

#include <cassert>

namespace switchyard::sim::memory {

// Whether anyone referenced a frame, by the accessed bits of all entries that map it.
class Memory::Bits : public ReferencedBits {
public:
    explicit Bits(Memory& memory) : memory_(memory) {}
    bool take(FrameNumber frame) override {
        bool referenced = false;
        memory_.each_entry(frame, [&](AddressSpace&, const Region&, LeafTable table, PageNumber page) {
            Entry& mapped = table.at(page);
            referenced = referenced || (mapped & entry::accessed) != 0;
            mapped &= ~entry::accessed;
        });
        return referenced;
    }

private:
    Memory& memory_;
};

// --- How cold frames are -------------------------------------------------------------------------------------------

std::uint64_t Memory::pages_since(FrameNumber frame) const {
    const std::uint64_t at = frames_[frame].gone_over_at;
    return at == 0 ? most_pages_since : std::min(gone_over_ - at, most_pages_since);
}

std::uint64_t Memory::go_over(FrameNumber frame) {
    const std::uint64_t since = pages_since(frame);
    frames_[frame].gone_over_at = ++gone_over_;
    return since;
}

// Each entry of a fork or an unmapping is 8 bytes (of a fork in both tables) and the kernel's record of the frame 64
// (struct page, whose counts change: copy_present_ptes, zap_present_ptes).
void Memory::go_over_entries(std::uint64_t entries) {
    constexpr std::uint64_t bytes_of_entry = 80;
    gone_over_ += entries * bytes_of_entry / page_bytes;
}

// --- Frames --------------------------------------------------------------------------------------------------------

FrameNumber Memory::take_frame(AddressSpace* space, ObjectId object, PageNumber index, PageIdentity identity) {
    const FrameNumber number = frames_.take();
    assert(number != no_frame); // make_room went before
    taken_after_ = go_over(number);
    Frame& frame = frames_[number];
    frame.identity = identity;
    frame.object = object;
    frame.index = index;
    if (space != nullptr) {
        frame.family = space->family_;
        frame.charged = space->domain_;
        if (space->domain_ != no_domain) ++domains_[space->domain_].charged;
    }
    list(number);
    return number;
}

FrameNumber Memory::take_huge_frame(AddressSpace& space, PageNumber home) {
    const FrameNumber first = frames_.take_block();
    if (first == no_frame) return no_frame;
    for (FrameNumber number = first; number < first + frames_.block(); ++number) {
        Frame& frame = frames_[number];
        frame.identity = next_identity_++;
        frame.index = home + (number - first);
        frame.family = space.family_;
        frame.charged = space.domain_;
        go_over(number);
    }
    if (space.domain_ != no_domain) domains_[space.domain_].charged += frames_.block();
    list(first);
    return first;
}

Replacer* Memory::replacer_of(FrameNumber frame) {
    const DomainId charged = frames_[frame].charged;
    return charged == no_domain ? replacer_.get() : domains_[charged].replacer.get();
}

void Memory::list(FrameNumber frame) {
    if (Replacer* replacer = replacer_of(frame)) {
        replacer->insert(frame, frames_[frame].identity);
        frames_[frame].listed = true;
    }
}

void Memory::unlist(FrameNumber frame) {
    if (frames_[frame].listed) replacer_of(frame)->remove(frame);
    frames_[frame].listed = false;
}

void Memory::free_frame(FrameNumber number) {
    unlist(number);
    Frame& frame = frames_[number];
    if (frame.slot != no_slot) {
        const SwapSlot slot = frame.slot;
        slots_[slot].frame = no_frame;
        frame.slot = no_slot;
        free_slot_if_unused(slot);
    }
    if (frame.charged != no_domain) --domains_[frame.charged].charged;
    frames_.give_back(number);
}

void Memory::unmapped(FrameNumber frame) {
    if (frames_[frame].object == no_object && frames_.maps(frame) == 0) free_frame(frame);
}

// One entry less maps all of a huge page. With the last of them it is one no more: frames that nobody maps one by one
// are free. (Linux keeps such a page whole until memory runs short, and frees nothing of it before.)
void Memory::unmapped_huge(FrameNumber first) {
    if (--frames_.block_maps(first) > 0) return;
    const FrameNumber end = first + frames_.block();
    bool mapped = false;
    for (FrameNumber frame = first; frame < end; ++frame) mapped = mapped || frames_[frame].maps > 0;
    if (!mapped) {
        unlist(first);
        if (const DomainId charged = frames_[first].charged; charged != no_domain)
            domains_[charged].charged -= frames_.block();
        frames_.give_back_block(first);
        return;
    }
    frames_.divide(first);
    for (FrameNumber frame = first; frame < end; ++frame)
        if (frame != first) list(frame);
    for (FrameNumber frame = first; frame < end; ++frame)
        if (frames_[frame].maps == 0) free_frame(frame);
}

// --- The swap device -----------------------------------------------------------------------------------------------

SwapSlot Memory::take_slot() {
    SwapSlot slot = free_slot_;
    if (slot != no_slot) {
        free_slot_ = slots_[slot].next;
        slots_[slot] = {};
    } else {
        if (slots_.size() == settings_.swap_slots) return no_slot;
        slot = static_cast<SwapSlot>(slots_.size());
        slots_.emplace_back();
    }
    ++slots_in_use_;
    return slot;
}

void Memory::release_slot(SwapSlot slot) {
    if (--slots_[slot].entries == 0)
        if (const FrameNumber read = slots_[slot].frame; read != no_frame && frames_.maps(read) == 0)
            return free_frame(read); // on advice, and nobody will map it any more
    free_slot_if_unused(slot);
}

void Memory::free_slot_if_unused(SwapSlot slot) {
    if (slots_[slot].entries > 0 || slots_[slot].frame != no_frame) return;
    slots_[slot].next = free_slot_;
    free_slot_ = slot;
    --slots_in_use_;
}

void Memory::leave_swap_cache(FrameNumber frame) {
    const SwapSlot slot = frames_[frame].slot;
    if (slot == no_slot || slots_[slot].entries > 0) return;
    frames_[frame].slot = no_slot;
    slots_[slot].frame = no_frame;
    free_slot_if_unused(slot);
}

// --- Eviction ------------------------------------------------------------------------------------------------------

bool Memory::make_room(AddressSpace& space, std::uint32_t wanted, FaultCounts& counts) {
    if (space.domain_ != no_domain) {
        Domain& own = domains_[space.domain_];
        while (own.charged + wanted > own.limit)
            if (!evict_one(*own.replacer, counts)) return false;
    }
    if (settings_.frames == 0) return true;
    while (frames_.available() < wanted + settings_.low_watermark) {
        if (evict_one(*replacer_, counts)) continue;
        bool helped = false; // what counts against limits is the machine's last resort
        for (DomainId id = 0; id < domains_.size() && !helped; ++id) helped = evict_one(*domains_[id].replacer, counts);
        if (!helped) break;
    }
    return frames_.available() >= wanted;
}

bool Memory::evict_one(Replacer& replacer, FaultCounts& counts) {
    Bits bits(*this);
    bool evicted = false;
    passed_over_.clear();
    while (!evicted) {
        const FrameNumber frame = replacer.evict(bits);
        if (frame == no_frame) break;
        frames_[frame].listed = false;
        evicted = evict(frame, counts);
        if (!evicted) passed_over_.push_back(frame);
    }
    for (const FrameNumber frame : passed_over_) list(frame);
    return evicted;
}

// Writes a frame out where needed, takes it from all who map it, and frees it. Not if it is locked, or has nowhere to
// go.
bool Memory::evict(FrameNumber number, FaultCounts& counts) {
    bool locked = false;
    bool dirty = frames_[number].dirty;
    each_entry(number, [&](AddressSpace&, const Region& region, LeafTable table, PageNumber page) {
        locked = locked || region.locked;
        dirty = dirty || (table.at(page) & entry::dirty) != 0;
    });
    if (locked) return false;
    while (frames_.block_maps(number) > 0) { // huge: evicted page by page
        AddressSpace* holder = nullptr;
        PageNumber at = 0;
        each_entry(number, [&](AddressSpace& space, const Region&, LeafTable table, PageNumber page) {
            if (!table.huge()) return;
            holder = &space;
            at = page;
        });
        holder->split_huge(at);
    }
    const ObjectId object = frames_[number].object;
    const bool to_swap = object == no_object ? dirty || !frames_[number].lazily_freed
                                             : objects_[object].kind == ObjectKind::shared_memory;
    SwapSlot slot = frames_[number].slot;
    if (to_swap && slot == no_slot) {
        slot = take_slot();
        if (slot == no_slot) return false;
        slots_[slot].identity = frames_[number].identity;
        dirty = true;
    }
    each_entry(number, [&](AddressSpace& space, const Region&, LeafTable table, PageNumber page) {
        Entry& mapped = table.at(page);
        mapped = 0;
        --space.resident_;
        --frames_[number].maps;
        if (object != no_object || !to_swap) return;
        mapped = entry::of(slot, entry::swapped);
        ++space.swapped_;
        ++slots_[slot].entries;
    });
    Frame& frame = frames_[number];
    if (to_swap) {
        slots_[slot].content = frame.content;
        counts.pages_swapped_out += dirty ? 1 : 0;
        counters_.swapped_out += dirty ? 1 : 0;
        if (object != no_object) {
            objects_[object].pages[frame.index] = entry::of(slot, entry::swapped);
            ++slots_[slot].entries;
        }
    } else if (object != no_object) {
        frame.dirty = dirty;
        if (dirty) counts.pages_written_back += write_page(objects_[object], frame.index);
        objects_[object].pages[frame.index] = 0;
    }
    ++counts.evicted;
    ++counters_.evicted;
    free_frame(number);
    return true;
}

} // namespace switchyard::sim::memory
