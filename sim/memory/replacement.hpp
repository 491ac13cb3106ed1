// Page replacement: which page goes when a new one needs its frame. Policies over a string of references, for a memory
// of so many frames that are filled one after the other. Belady 1966, "A Study of Replacement Algorithms for a
// Virtual-Storage Computer", IBM Systems Journal 5(2); Mattson et al. 1970, "Evaluation Techniques for Storage
// Hierarchies", IBM Systems Journal 9(2).
//
// Pages are small numbers (indices of an address space). A reference allocates nothing; it costs O(1), with OPT O(log
// n) in the frames.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace switchyard::sim {

using Page = std::uint32_t;
inline constexpr Page no_page = std::numeric_limits<Page>::max();

// What a reference led to.
struct Reference {
    bool hit = false;
    Page victim = no_page; // that had to go
    friend bool operator==(const Reference&, const Reference&) = default;
};

// Pages in an order, each at most once: a list whose links lie in an array by page. Everything is O(1).
class PageList {
public:
    explicit PageList(Page pages) : links_(pages) {}

    [[nodiscard]] bool contains(Page page) const { return links_[page].listed; }
    [[nodiscard]] std::uint32_t size() const { return size_; }
    [[nodiscard]] Page oldest() const { return oldest_; }
    [[nodiscard]] Page newest() const { return newest_; }
    [[nodiscard]] Page newer_than(Page page) const { return links_[page].newer; }
    void push_newest(Page page);
    void remove(Page page);

private:
    struct Link {
        Page older = no_page;
        Page newer = no_page;
        bool listed = false;
    };
    std::vector<Link> links_;
    Page oldest_ = no_page;
    Page newest_ = no_page;
    std::uint32_t size_ = 0;
};

// First in, first out: the page goes that was loaded longest ago.
class FifoReplacement {
public:
    // `pages`: those there are, numbered from 0; `frames` > 0.
    FifoReplacement(Page pages, std::uint32_t frames) : resident_(pages), frames_(frames) {}
    Reference reference(Page page);
    // From the page loaded longest ago to the latest.
    [[nodiscard]] const PageList& resident() const { return resident_; }

private:
    PageList resident_;
    std::uint32_t frames_;
};

// Least recently used: the page goes that was referenced longest ago. Most recently used, its opposite, suits scans
// longer than the memory: the latest goes, and the beginning is there when the scan comes round.
class RecencyReplacement {
public:
    enum class Victim : std::uint8_t { least_recently_used, most_recently_used };
    RecencyReplacement(Page pages, std::uint32_t frames, Victim victim)
        : resident_(pages), frames_(frames), victim_(victim) {}
    Reference reference(Page page);
    // From the page referenced longest ago to the latest.
    [[nodiscard]] const PageList& resident() const { return resident_; }

private:
    PageList resident_;
    std::uint32_t frames_;
    Victim victim_;
};

// Optimal (Belady's MIN): the page goes that will be referenced furthest in the future. Of pages that never will be
// again, the one loaded last goes. It has to know all references beforehand: the bound that no policy can beat.
class OptimalReplacement {
public:
    // `references` are those that will come, in their order; every page is less than `pages`.
    OptimalReplacement(Page pages, std::uint32_t frames, std::span<const Page> references);
    // The next of them.
    Reference reference(Page page);
    // From the page loaded longest ago to the latest.
    [[nodiscard]] const PageList& resident() const { return resident_; }

private:
    struct Candidate {
        std::uint64_t next_use;
        std::uint64_t loaded;
        Page page;
    };
    void put(std::size_t position, const Candidate& candidate);
    void sift(std::size_t position, const Candidate& candidate);

    PageList resident_;
    std::uint32_t frames_;
    std::vector<std::uint64_t> next_use_; // by reference: when its page is referenced again
    std::uint64_t now_ = 0;               // references so far
    std::vector<Candidate> heap_;         // of what is resident, the best victim first
    std::vector<std::uint32_t> position_; // in the heap, by page
};

} // namespace switchyard::sim
