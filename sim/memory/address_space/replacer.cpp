#include "sim/memory/address_space/replacer.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace switchyard::sim::memory {

void FifoReplacer::insert(FrameNumber frame, PageIdentity) {
    if (frame >= links_.size()) links_.resize(std::max<std::size_t>(std::size_t{frame} + 1, 2 * links_.size()));
    links_[frame] = {.older = newest_, .newer = no_frame};
    (newest_ == no_frame ? oldest_ : links_[newest_].newer) = frame;
    newest_ = frame;
}

void FifoReplacer::remove(FrameNumber frame) {
    const Link link = std::exchange(links_[frame], {});
    (link.older == no_frame ? oldest_ : links_[link.older].newer) = link.newer;
    (link.newer == no_frame ? newest_ : links_[link.newer].older) = link.older;
}

FrameNumber FifoReplacer::evict(ReferencedBits& bits) {
    for (const FrameNumber last = newest_; oldest_ != no_frame;) {
        const FrameNumber frame = oldest_;
        remove(frame);
        // After one round every bit has been taken, and the first is the victim.
        if (!second_chance_ || !bits.take(frame)) return frame;
        insert(frame, 0);
        if (frame == last) {
            const FrameNumber victim = oldest_;
            remove(victim);
            return victim;
        }
    }
    return no_frame;
}

} // namespace switchyard::sim::memory
