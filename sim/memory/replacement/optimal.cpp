#include "sim/memory/replacement/optimal.hpp"

#include "models/errors.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

namespace switchyard::sim::replacement {

template <class Index>
void NextUses<Index>::add(std::span<const Page> references) {
    if (references.size() >= never - next_.size())
        throw InputError("more than 4 294 967 294 references are too many for what has to know the future");
    constexpr std::size_t far = 16;
    std::size_t at = 0;
    for (const Page page : references) {
        if (at + far < references.size()) index_.prefetch(references[at + far]);
        ++at;
        const Slot slot = index_.find(page);
        const auto now = static_cast<Time>(next_.size());
        next_.push_back(never);
        if (slot == no_slot) {
            index_.add(page);
            last_.push_back(now); // slots are handed out from 0, and none is given back
        } else {
            next_[last_[slot]] = now;
            last_[slot] = now;
        }
    }
}

template class NextUses<HashedIndex>;
template class NextUses<DirectIndex>;

TimeSet::TimeSet(std::size_t bound) {
    do {
        bound = (bound + 63) / 64;
        levels_.emplace_back(std::max<std::size_t>(bound, 1));
    } while (bound > 1);
}

void TimeSet::insert(Time time) {
    assert(!contains(time));
    ++size_;
    for (auto& level : levels_) {
        std::uint64_t& word = level[time / 64];
        const bool was_empty = word == 0;
        word |= std::uint64_t{1} << (time % 64);
        if (!was_empty) return;
        time /= 64;
    }
}

void TimeSet::remove(Time time) {
    assert(contains(time));
    --size_;
    for (auto& level : levels_) {
        std::uint64_t& word = level[time / 64];
        word &= ~(std::uint64_t{1} << (time % 64));
        if (word != 0) return;
        time /= 64;
    }
}

Time TimeSet::greatest() const {
    assert(size_ > 0);
    Time at = 0;
    for (auto level = levels_.rbegin(); level != levels_.rend(); ++level)
        at = 64 * at + 63 - static_cast<Time>(std::countl_zero((*level)[at]));
    return at;
}

std::uint64_t optimal_misses(std::span<const Time> next_uses, std::uint32_t frames, std::span<std::uint8_t> hits) {
    TimeSet needed(next_uses.size());
    std::uint32_t not_needed = 0; // pages in memory that are not needed again: any of them may go first
    std::uint64_t misses = 0;
    for (std::size_t at = 0; at < next_uses.size(); ++at) {
        const auto now = static_cast<Time>(at);
        const bool hit = needed.contains(now);
        if (hit) {
            needed.remove(now);
        } else {
            ++misses;
            if (needed.size() + not_needed == frames) {
                if (not_needed > 0)
                    --not_needed;
                else
                    needed.remove(needed.greatest());
            }
        }
        if (next_uses[at] == never)
            ++not_needed;
        else
            needed.insert(next_uses[at]);
        if (!hits.empty()) hits[at] = hit;
    }
    return misses;
}

OptimalReplacement::OptimalReplacement(std::span<const Time> next_uses, std::uint32_t frames)
    : next_uses_(next_uses),
      frames_(frames),
      needed_(next_uses.size()),
      not_needed_(next_uses.size()),
      loaded_(next_uses.size()) {}

OptimalReplacement::Step OptimalReplacement::reference() {
    assert(now_ < next_uses_.size());
    Step step{.hit = needed_.contains(now_)};
    Time loaded = now_;
    if (step.hit) {
        loaded = loaded_[now_];
        needed_.remove(now_);
    } else if (needed_.size() + not_needed_.size() == frames_) {
        TimeSet& from = not_needed_.size() > 0 ? not_needed_ : needed_;
        step.victim = from.greatest();
        from.remove(step.victim);
    }
    const Time next_use = next_uses_[now_++];
    if (next_use == never) {
        not_needed_.insert(loaded);
    } else {
        needed_.insert(next_use);
        loaded_[next_use] = loaded;
    }
    return step;
}

} // namespace switchyard::sim::replacement
