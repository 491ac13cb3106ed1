// The frames of a machine: a flat array, allocated one by one or as aligned blocks for huge pages, and what is known of
// each: who maps it how often, what it holds.
//
// A block of 512 frames is either one huge page, or divided. Single frames come from blocks already divided, the one
// divided last first; a block whose frames are all free again is whole again (a buddy system of two orders). What was
// freed last is given out first, but blocks that were freed one after another in the order in which they were: who
// frees a region and takes as much again finds each frame where it was.
#pragma once

#include "sim/memory/address_space/entry.hpp"
#include "sim/memory/address_space/region.hpp"
#include "sim/memory/address_space/replacer.hpp"

#include <cstdint>
#include <vector>

namespace switchyard::sim::memory {

using SpaceId = std::uint32_t;
inline constexpr SpaceId no_space = 0xffff'ffff;
using DomainId = std::uint32_t; // Memory::create_domain
inline constexpr DomainId no_domain = 0xffff'ffff;

struct Frame {
    std::uint64_t content = 0; // stands for the bytes: whatever was last written (AddressSpace::write)
    PageIdentity identity = 0;
    PageNumber index = 0;         // in its object, or the home of an anonymous page (Region::home_of)
    ObjectId object = no_object;  // none: anonymous
    std::uint32_t family = 0;     // of anonymous frames: the address spaces that may map it are of this family
    std::uint32_t maps = 0;       // entries that map it, huge pages' apart
    SwapSlot slot = no_slot;      // that holds a copy (swap cache)
    DomainId charged = no_domain; // whose limit it counts against; none: the machine's
    bool dirty = false;           // beyond what entries say
    bool lazily_freed = false;    // MADV_FREE: dropped instead of swapped out unless written again
    bool listed = false;          // the replacement policy knows it
    // What Memory had gone over when this was filled or copied last (Memory::pages_since), by whoever had it; 0: never.
    // Stays when the frame is given back.
    std::uint64_t gone_over_at = 0;
};

class Frames {
public:
    // `limit` 0: as many as are needed. `block`: frames of a huge page.
    Frames(std::uint32_t limit, std::uint32_t block);

    [[nodiscard]] Frame& operator[](FrameNumber frame) { return frames_[frame]; }
    [[nodiscard]] const Frame& operator[](FrameNumber frame) const { return frames_[frame]; }

    FrameNumber take();       // no_frame: none left. References to frames end.
    FrameNumber take_block(); // aligned; the same
    void give_back(FrameNumber frame);
    void give_back_block(FrameNumber frame);

    // Frames of huge pages are mapped by whole-block entries, counted once a block.
    [[nodiscard]] std::uint32_t& block_maps(FrameNumber frame) { return blocks_[frame / block_].maps; }
    [[nodiscard]] std::uint32_t maps(FrameNumber frame) const {
        return frames_[frame].maps + blocks_[frame / block_].maps;
    }
    [[nodiscard]] bool is_huge(FrameNumber frame) const { return blocks_[frame / block_].huge; }
    void divide(FrameNumber frame) { blocks_[frame / block_].huge = false; } // of a huge page, its frames stay taken

    [[nodiscard]] std::uint32_t in_use() const { return in_use_; }
    [[nodiscard]] std::uint32_t limit() const { return limit_; }
    [[nodiscard]] std::uint32_t available() const { return limit_ == 0 ? 0xffff'ffff : limit_ - in_use_; }
    [[nodiscard]] std::uint32_t block() const { return block_; }

private:
    struct Block {
        std::uint32_t used = 0;
        std::uint32_t maps = 0;        // entries that map all of it
        FrameNumber free = no_frame;   // the first free frame of those used before, linked by `slot`
        std::uint32_t fresh = 0;       // frames never used begin here
        std::uint32_t size = 0;        // less than block_ at the end of memory
        std::uint32_t next = no_frame; // in the list of divided blocks with frames to give, or of whole ones
        std::uint32_t previous = no_frame;
        bool huge = false;
    };
    bool grow();
    void link(std::uint32_t& head, std::uint32_t block);
    void link_whole(std::uint32_t block);
    void unlink(std::uint32_t& head, std::uint32_t block);

    std::uint32_t limit_;
    std::uint32_t block_;
    std::uint32_t in_use_ = 0;
    std::uint32_t divided_ = no_frame;
    std::uint32_t whole_ = no_frame;
    std::uint32_t freed_last_ = no_frame; // the whole block that was freed last, if nothing was taken since
    std::vector<Frame> frames_;
    std::vector<Block> blocks_;
};

} // namespace switchyard::sim::memory
