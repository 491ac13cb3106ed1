#include "sim/memory/address_space/frames.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace switchyard::sim::memory {

static void clear(Frame& frame) {
    const std::uint64_t gone_over_at = frame.gone_over_at;
    frame = {};
    frame.gone_over_at = gone_over_at;
}

Frames::Frames(std::uint32_t limit, std::uint32_t block) : limit_(limit), block_(block) {}

bool Frames::grow() {
    const auto have = static_cast<std::uint32_t>(frames_.size());
    const std::uint32_t size = limit_ == 0 ? block_ : std::min(block_, limit_ - have);
    if (size == 0) return false;
    frames_.resize(frames_.size() + size);
    blocks_.push_back({.size = size});
    link(whole_, static_cast<std::uint32_t>(blocks_.size() - 1));
    return true;
}

void Frames::link(std::uint32_t& head, std::uint32_t block) {
    blocks_[block].previous = no_frame;
    blocks_[block].next = head;
    if (head != no_frame) blocks_[head].previous = block;
    head = block;
}

void Frames::link_whole(std::uint32_t block) {
    const std::uint32_t before = freed_last_;
    freed_last_ = block;
    if (before == no_frame) return link(whole_, block);
    Block& it = blocks_[block];
    it.previous = before;
    it.next = std::exchange(blocks_[before].next, block);
    if (it.next != no_frame) blocks_[it.next].previous = block;
}

void Frames::unlink(std::uint32_t& head, std::uint32_t block) {
    const Block& it = blocks_[block];
    (it.previous == no_frame ? head : blocks_[it.previous].next) = it.next;
    if (it.next != no_frame) blocks_[it.next].previous = it.previous;
}

FrameNumber Frames::take() {
    freed_last_ = no_frame;
    if (divided_ == no_frame) {
        if (whole_ == no_frame && !grow()) return no_frame;
        const std::uint32_t block = whole_;
        unlink(whole_, block);
        link(divided_, block);
    }
    const std::uint32_t number = divided_;
    Block& block = blocks_[number];
    FrameNumber frame = block.free;
    if (frame != no_frame) {
        block.free = frames_[frame].slot;
    } else {
        frame = number * block_ + block.fresh++;
    }
    clear(frames_[frame]);
    if (++block.used == block.size) unlink(divided_, number);
    ++in_use_;
    return frame;
}

FrameNumber Frames::take_block() {
    freed_last_ = no_frame;
    std::uint32_t number = whole_;
    while (number != no_frame && blocks_[number].size != block_) number = blocks_[number].next;
    if (number == no_frame) {
        if (!grow()) return no_frame;
        number = whole_;
        if (blocks_[number].size != block_) return no_frame;
    }
    unlink(whole_, number);
    Block& block = blocks_[number];
    block.used = block_;
    block.fresh = block_;
    block.huge = true;
    in_use_ += block_;
    const FrameNumber first = number * block_;
    for (FrameNumber frame = first; frame < first + block_; ++frame) clear(frames_[frame]);
    return first;
}

void Frames::give_back(FrameNumber frame) {
    const std::uint32_t number = frame / block_;
    Block& block = blocks_[number];
    assert(block.used > 0 && !block.huge && maps(frame) == 0);
    if (block.used == block.size) link(divided_, number);
    frames_[frame].slot = block.free;
    block.free = frame;
    --in_use_;
    if (--block.used > 0) return;
    unlink(divided_, number);
    block.free = no_frame;
    block.fresh = 0;
    link_whole(number);
}

void Frames::give_back_block(FrameNumber frame) {
    Block& block = blocks_[frame / block_];
    assert(block.huge && block.maps == 0);
    block.used = 0;
    block.free = no_frame;
    block.fresh = 0;
    block.huge = false;
    in_use_ -= block_;
    link_whole(frame / block_);
}

} // namespace switchyard::sim::memory
