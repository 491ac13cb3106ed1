// Whose data a cache of so many ways holds, where each page of a working set lies wherever its frame happens to be.
//
// A cache's lines compete set by set, and a page's lines for the same sets as those of all pages that agree with it in
// the address bits above the page: pages of its colour. There are as many colours as pages in one way, as many pages of
// a colour find room as there are ways, and frames are of any colour (Kessler and Hill 1992, "Page Placement Algorithms
// for Large Real-Indexed Caches", ACM TOCS 10(4)). So how many of n other pages are of a page's own colour is binomial,
// and the page is still there, under LRU within its sets, where these are fewer than the ways:
//
//     P(Binomial(n, 1 / colours) < ways)
//
// That is why a cache does not go from holding everything to holding nothing at its size: a working set of half of it
// loses some pages to another half, one somewhat larger than it keeps some of its own, which it then loses to others.
//
// A real cache loses less than this where frames lie side by side, as they do of memory that was touched in order, or
// where its replacement is cleverer than LRU.
#pragma once

#include "models/units/size.hpp"

#include <cstdint>
#include <vector>

namespace switchyard::sim {

class PlacedContents {
public:
    using Owner = std::uint32_t; // of a working set: small numbers, the caller's

    // So many bytes in all and in one way; both whole pages.
    PlacedContents(Bytes capacity, Bytes way);

    // The owner goes over its working set, all of it, again and again: the bytes that would have been there but for
    // others that were gone over since. What never would be, being too much for its own sets, is not among them.
    // O(owners used since, as far as they matter); allocates for owners never seen.
    [[nodiscard]] Bytes use(Owner owner, Bytes working_set);

    // Its data is no more: its room is free.
    void forget(Owner owner);

    // What is there of it, on average.
    [[nodiscard]] Bytes held(Owner owner) const;

    // The probability that a page is there if so many others have been gone over since.
    [[nodiscard]] double survival(std::int64_t other_pages) const;

private:
    static constexpr Owner nobody = UINT32_MAX;
    struct Share {
        std::int64_t bytes = 0; // of its working set, there or not
        Owner older = nobody;
        Owner newer = nobody;
    };
    [[nodiscard]] std::int64_t since(Owner owner) const; // bytes of others

    std::int64_t colours_;
    std::int64_t ways_;
    std::vector<Share> shares_; // by owner
    Owner newest_ = nobody;
};

} // namespace switchyard::sim
