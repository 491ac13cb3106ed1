// The optimum: of the pages in memory the one goes that is needed again furthest in the future (Belady 1966, "A Study
// of Replacement Algorithms for a Virtual-Storage Computer", IBM Systems Journal 5(2); Mattson et al. 1970). It has to
// know the whole string of references, but only as the time of each page's next reference: 4 bytes a reference.
//
// A page in memory is then the time it is next referenced, and no two have the same: memory is a set of times, in which
// the page referenced now is `now`, and the page to evict the largest. The set is a tree of words of 64 bits.
#pragma once

#include "sim/memory/replacement/page_index.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace switchyard::sim::replacement {

using Time = std::uint32_t; // the number of a reference, from 0
inline constexpr Time never = ~Time{0};

// By reference: when its page is referenced again, or never. Filled as references come.
template <class Index>
class NextUses {
public:
    using Page = typename Index::Page;
    // `pages`: those there are, where they are numbered.
    explicit NextUses(std::size_t pages = 0, std::size_t references = 0) : index_(pages, 1024) {
        next_.reserve(references);
    }

    // Throws InputError beyond 2^32 - 2 references.
    void add(std::span<const Page> references);

    [[nodiscard]] std::span<const Time> times() const { return next_; }
    [[nodiscard]] std::size_t distinct_pages() const { return last_.size(); }

private:
    Index index_;
    std::vector<Time> last_; // by slot: the latest reference
    std::vector<Time> next_;
};

// Times below a bound, in a tree whose leaves are bits.
class TimeSet {
public:
    explicit TimeSet(std::size_t bound);
    [[nodiscard]] bool contains(Time time) const { return (levels_[0][time / 64] >> (time % 64) & 1) != 0; }
    void insert(Time time);
    void remove(Time time);
    // Precondition: there is one.
    [[nodiscard]] Time greatest() const;
    [[nodiscard]] std::uint32_t size() const { return size_; }

private:
    std::vector<std::vector<std::uint64_t>> levels_; // bits; which words of the level below are not 0; and so on
    std::uint32_t size_ = 0;
};

// Misses of the optimum with so many frames, and where `hits` is not empty (as long as the string) 1 for each hit.
[[nodiscard]] std::uint64_t optimal_misses(std::span<const Time> next_uses, std::uint32_t frames,
                                           std::span<std::uint8_t> hits = {});

// Reference by reference, with the page that goes. Of pages never needed again the one loaded last goes.
class OptimalReplacement {
public:
    OptimalReplacement(std::span<const Time> next_uses, std::uint32_t frames);

    struct Step {
        bool hit = false;
        Time victim = never; // a reference to the page that goes, if one does
    };
    // The next reference.
    Step reference();

private:
    std::span<const Time> next_uses_; // of the string
    std::uint32_t frames_;
    Time now_ = 0;
    TimeSet needed_;           // when pages in memory are needed
    TimeSet not_needed_;       // when those were loaded that are needed no more
    std::vector<Time> loaded_; // by time at which a page in memory is needed: when it was loaded
};

} // namespace switchyard::sim::replacement
