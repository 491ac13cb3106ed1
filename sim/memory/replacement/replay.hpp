// A policy at one memory size over a string of references: demand paging, every miss loads its page. Page numbers may
// be of any size (HashedReplay) or small (DirectReplay, faster).
#pragma once

#include "sim/memory/replacement/page_index.hpp"

#include <cstdint>
#include <memory>
#include <span>

namespace switchyard::sim::replacement {

template <class Page>
class Replay {
public:
    virtual ~Replay() = default;

    // The next references. Where `hits` is not empty it is as long, and gets 1 for a hit and 0 for a miss.
    virtual void play(std::span<const Page> references, std::span<std::uint8_t> hits = {}) = 0;

    [[nodiscard]] std::uint64_t references() const { return references_; }
    [[nodiscard]] std::uint64_t misses() const { return misses_; }

protected:
    Replay() = default;
    Replay(const Replay&) = default;
    Replay& operator=(const Replay&) = default;

    std::uint64_t references_ = 0;
    std::uint64_t misses_ = 0;
};

using HashedReplay = Replay<HashedIndex::Page>;
using DirectReplay = Replay<DirectIndex::Page>;

} // namespace switchyard::sim::replacement
