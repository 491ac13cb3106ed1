#include "sim/memory/replacement.hpp"

#include <cassert>
#include <utility>

namespace switchyard::sim {

// --- Lists -------------------------------------------------------------------------------------------------------

void PageList::push_newest(Page page) {
    assert(!contains(page));
    links_[page] = {.older = newest_, .newer = no_page, .listed = true};
    (newest_ == no_page ? oldest_ : links_[newest_].newer) = page;
    newest_ = page;
    ++size_;
}

void PageList::remove(Page page) {
    assert(contains(page));
    const Link link = std::exchange(links_[page], {});
    (link.older == no_page ? oldest_ : links_[link.older].newer) = link.newer;
    (link.newer == no_page ? newest_ : links_[link.newer].older) = link.older;
    --size_;
}

// --- What is seen of the past ------------------------------------------------------------------------------------

Reference FifoReplacement::reference(Page page) {
    if (resident_.contains(page)) return {.hit = true};
    Reference result;
    if (resident_.size() == frames_) {
        result.victim = resident_.oldest();
        resident_.remove(result.victim);
    }
    resident_.push_newest(page);
    return result;
}

Reference RecencyReplacement::reference(Page page) {
    Reference result;
    if (resident_.contains(page)) {
        result.hit = true;
        resident_.remove(page);
    } else if (resident_.size() == frames_) {
        result.victim = victim_ == Victim::least_recently_used ? resident_.oldest() : resident_.newest();
        resident_.remove(result.victim);
    }
    resident_.push_newest(page);
    return result;
}

// --- What is known of the future ---------------------------------------------------------------------------------

OptimalReplacement::OptimalReplacement(Page pages, std::uint32_t frames, std::span<const Page> references)
    : resident_(pages), frames_(frames), next_use_(references.size()), position_(pages) {
    constexpr std::uint64_t not_again = std::numeric_limits<std::uint64_t>::max();
    std::vector<std::uint64_t> seen(pages, not_again); // where a page comes next, from behind
    for (std::size_t at = references.size(); at-- > 0;) next_use_[at] = std::exchange(seen[references[at]], at);
    heap_.reserve(frames);
}

Reference OptimalReplacement::reference(Page page) {
    assert(now_ < next_use_.size());
    const std::uint64_t next_use = next_use_[now_];
    const std::uint64_t loaded = now_++;
    Reference result;
    if (resident_.contains(page)) {
        result.hit = true;
        Candidate candidate = heap_[position_[page]];
        candidate.next_use = next_use;
        sift(position_[page], candidate);
        return result;
    }
    if (resident_.size() < frames_) {
        heap_.emplace_back();
        sift(heap_.size() - 1, {next_use, loaded, page});
    } else {
        result.victim = heap_.front().page;
        resident_.remove(result.victim);
        sift(0, {next_use, loaded, page});
    }
    resident_.push_newest(page);
    return result;
}

void OptimalReplacement::put(std::size_t position, const Candidate& candidate) {
    heap_[position] = candidate;
    position_[candidate.page] = static_cast<std::uint32_t>(position);
}

// Brings the candidate from a hole in the heap to where it belongs.
void OptimalReplacement::sift(std::size_t position, const Candidate& candidate) {
    const auto is_better = [](const Candidate& a, const Candidate& b) {
        return std::pair(a.next_use, a.loaded) > std::pair(b.next_use, b.loaded);
    };
    for (; position > 0 && is_better(candidate, heap_[(position - 1) / 2]); position = (position - 1) / 2)
        put(position, heap_[(position - 1) / 2]);
    for (;;) {
        std::size_t child = 2 * position + 1;
        if (child + 1 < heap_.size() && is_better(heap_[child + 1], heap_[child])) ++child;
        if (child >= heap_.size() || !is_better(heap_[child], candidate)) break;
        put(position, heap_[child]);
        position = child;
    }
    put(position, candidate);
}

} // namespace switchyard::sim
