#include "sim/memory/replacement/clock_by_page.hpp"

#include <algorithm>

namespace switchyard::sim::replacement {

ClockByPage::ClockByPage(const Options& options)
    : states_(options.pages),
      most_frames_(options.frames),
      most_(static_cast<State>(1U << options.count("bits", 1, 7, 1))),
      in_blocks_(most_ < hit_in_block) {
    frames_.reserve(std::min<std::size_t>(options.frames, options.pages));
    for (unsigned state = 0; state < after_hit_.size(); ++state) {
        const unsigned known = state % hit_in_block;
        after_hit_[state] = static_cast<State>(state == 0 ? 1U : hit_in_block | std::min<unsigned>(known + 1, most_));
    }
}

void ClockByPage::play(std::span<const std::uint32_t> references, std::span<std::uint8_t> hits) {
    constexpr std::uint32_t longest_pause = 64;
    references_ += references.size();
    std::uint8_t* hit = hits.empty() ? nullptr : hits.data();
    while (!references.empty()) {
        const auto some = references.first(std::min(block, references.size()));
        const bool may = in_blocks_ && frames_.size() == most_frames_ && pause_ == 0;
        if (may && together(some, hit)) {
            failures_ = 0;
        } else {
            // More and more rarely tried where it fails again and again.
            if (may)
                pause_ = std::min(longest_pause, (1U << std::min(failures_++, 8U)) - 1);
            else if (pause_ > 0)
                --pause_;
            one_by_one(some, hit);
        }
        if (hit != nullptr) hit += some.size();
        references = references.subspan(some.size());
    }
}

void ClockByPage::one_by_one(std::span<const std::uint32_t> references, std::uint8_t* hits) {
    for (std::size_t at = 0; at < references.size(); ++at) {
        const std::uint32_t page = references[at];
        State& state = states_[page];
        const bool hit = state != 0;
        if (hits != nullptr) hits[at] = hit;
        if (hit) {
            state = static_cast<State>(state + (state < most_));
            continue;
        }
        ++misses_;
        state = 1;
        if (frames_.size() < most_frames_)
            frames_.push_back(page);
        else
            frames_[next_victim()] = page;
    }
}

// Leaves the hand behind it.
std::uint32_t ClockByPage::next_victim() {
    for (;;) {
        if (hand_ >= frames_.size()) hand_ = 0;
        const std::uint32_t frame = hand_++;
        if (--states_[frames_[frame]] == 0) return frame;
    }
}

bool ClockByPage::together(std::span<const std::uint32_t> references, std::uint8_t* hits) {
    std::array<State, block> before;         // written before it is read
    std::array<std::uint32_t, block> loaded; // so, too
    std::size_t misses = 0;
    for (std::size_t at = 0; at < references.size(); ++at) {
        const std::uint32_t page = references[at];
        const State state = states_[page];
        before[at] = state;
        states_[page] = after_hit_[state];
        loaded[misses] = page;
        misses += state == 0;
    }
    if (!pass_hand(std::span(loaded).first(misses))) {
        for (std::size_t at = references.size(); at-- > 0;) states_[references[at]] = before[at];
        return false;
    }
    for (const std::uint32_t page : references) states_[page] &= static_cast<State>(~hit_in_block);
    if (hits != nullptr)
        for (std::size_t at = 0; at < references.size(); ++at) hits[at] = before[at] != 0;
    misses_ += misses;
    return true;
}

// Pages that the hand passes over lose a reference, and those that have none are gone with that: their frames are for
// the pages loaded, in this order. Fails for a page hit in the block, and where it would come to a frame twice.
bool ClockByPage::pass_hand(std::span<const std::uint32_t> loaded) {
    std::array<std::uint32_t, block> victims; // written before it is read
    std::size_t found = 0;
    std::uint32_t passed = 0;
    unsigned seen = 0;
    const auto frames = static_cast<std::uint32_t>(frames_.size());
    std::uint32_t frame = hand_;
    while (found < loaded.size() && passed < frames) {
        if (frame >= frames) frame = 0;
        State& state = states_[frames_[frame]];
        seen |= state;
        victims[found] = frame++;
        found += state == 1;
        --state;
        ++passed;
    }
    if ((seen & hit_in_block) != 0 || found < loaded.size()) {
        for (; passed > 0; --passed) {
            if (frame == 0) frame = frames;
            ++states_[frames_[--frame]];
        }
        return false;
    }
    for (std::size_t i = 0; i < found; ++i) frames_[victims[i]] = loaded[i];
    hand_ = frame;
    return true;
}

} // namespace switchyard::sim::replacement
