// Whose data a cache holds. Working sets compete for its room: what was used longest ago goes first, and a task that
// comes back has to bring in what it has lost meanwhile. It is this, more than the switch itself, that switching and
// migrating cost: Li, Ding, Shen 2007, "Quantifying the Cost of Context Switch" (ExpCS).
//
// Working sets are taken as wholes of so many bytes, gone over in the same order every time. So one that is larger than
// the cache finds nothing of itself there whenever it comes round again, and neither does one of which a part has been
// displaced, unless there is room for that part or something older to give up: what is left of it is then the oldest of
// all, and goes line by line just before it is reached. That is what LRU does to a scan.
#pragma once

#include "models/units/size.hpp"

#include <cstdint>
#include <vector>

namespace switchyard::sim {

class CacheContents {
public:
    using Owner = std::uint32_t; // of a working set: small numbers, the caller's

    explicit CacheContents(Bytes capacity) : capacity_(capacity.count) {}

    // The owner goes over its working set, all of it: the bytes that were not there and are now. Others make room,
    // those first that were used longest ago. O(owners used longer ago than this one); allocates for owners never seen.
    [[nodiscard]] Bytes use(Owner owner, Bytes working_set);

    // Its data is no more: its room is free.
    void forget(Owner owner);

    [[nodiscard]] Bytes held(Owner owner) const;
    [[nodiscard]] Bytes capacity() const { return {capacity_}; }

private:
    static constexpr Owner nobody = UINT32_MAX;
    struct Share {
        std::int64_t bytes = 0;
        Owner older = nobody; // used before it, among those that hold something
        Owner newer = nobody;
    };
    // Of what it holds of a working set of that size, the bytes that are still there when it gets to them.
    [[nodiscard]] std::int64_t found(Owner owner, std::int64_t working_set) const;
    void unlink(Owner owner);
    void make_newest(Owner owner);

    std::int64_t capacity_;
    std::int64_t used_ = 0;
    std::vector<Share> shares_; // by owner
    Owner oldest_ = nobody;
    Owner newest_ = nobody;
};

} // namespace switchyard::sim
