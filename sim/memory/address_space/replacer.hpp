// Page replacement as the memory of a machine asks for it: which frame goes.
//
// A frame is told of when its page comes in (`insert`) and when it goes for reasons of its own (`remove`). Hardware
// tells of references by one bit a page, which a policy takes when it looks for a victim (ReferencedBits). Policies
// that go by every single reference (exact LRU and those built upon it) say so in `wants_every_reference`; touches of
// present pages then cost a call each.
#pragma once

#include "sim/memory/address_space/entry.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace switchyard::sim::memory {

// What stays the same of a page from its first use to its last, in memory or not: for policies that remember pages
// they evicted.
using PageIdentity = std::uint64_t;

class ReferencedBits {
public:
    virtual ~ReferencedBits() = default;
    // Whether anyone referenced the frame since this was last asked.
    virtual bool take(FrameNumber frame) = 0;
};

class Replacer {
public:
    virtual ~Replacer() = default;
    [[nodiscard]] virtual bool wants_every_reference() const { return false; }
    virtual void insert(FrameNumber frame, PageIdentity page) = 0;
    virtual void referenced(FrameNumber) {}
    // Forgets the victim and names it; no_frame when it has none.
    virtual FrameNumber evict(ReferencedBits& bits) = 0;
    virtual void remove(FrameNumber frame) = 0;
};

// `frames`: how many it will hold at most, 0 where there is no limit.
using MakeReplacer = std::function<std::unique_ptr<Replacer>(std::uint32_t frames)>;

// First in, first out; with `second_chance` those referenced since last time stay for another round (CLOCK).
class FifoReplacer : public Replacer {
public:
    explicit FifoReplacer(bool second_chance) : second_chance_(second_chance) {}
    void insert(FrameNumber frame, PageIdentity page) override;
    FrameNumber evict(ReferencedBits& bits) override;
    void remove(FrameNumber frame) override;

private:
    struct Link {
        FrameNumber older = no_frame;
        FrameNumber newer = no_frame;
    };
    std::vector<Link> links_; // by frame
    FrameNumber oldest_ = no_frame;
    FrameNumber newest_ = no_frame;
    bool second_chance_;
};

} // namespace switchyard::sim::memory
