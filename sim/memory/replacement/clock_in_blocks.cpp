#include "sim/memory/replacement/clock_in_blocks.hpp"

#include <algorithm>

namespace switchyard::sim::replacement {

template <class Places>
ClockInBlocks<Places>::ClockInBlocks(const Options& options)
    : places_(options),
      states_(places_.bound()),
      most_frames_(options.frames),
      most_(static_cast<State>(1U << options.count("bits", 1, 7, 1))),
      in_blocks_(most_ < hit_in_block) {
    frames_.reserve(std::min<std::size_t>(options.frames, states_.size()));
    for (unsigned state = 0; state < after_hit_.size(); ++state) {
        const unsigned known = state % hit_in_block;
        after_hit_[state] = static_cast<State>(state == 0 ? 1U : hit_in_block | std::min<unsigned>(known + 1, most_));
    }
}

template <class Places>
void ClockInBlocks<Places>::play(std::span<const Page> references, std::span<std::uint8_t> hits) {
    constexpr std::uint32_t longest_pause = 64;
    this->references_ += references.size();
    std::uint8_t* hit = hits.empty() ? nullptr : hits.data();
    std::array<Place, block> room; // written before it is read
    while (!references.empty()) {
        const auto some = places_.places_of(references.first(std::min(block, references.size())), room);
        references = references.subspan(some.size());
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
    }
}

template <class Places>
void ClockInBlocks<Places>::one_by_one(std::span<const Place> references, std::uint8_t* hits) {
    std::array<Place, block> evicted; // written before it is read
    std::size_t evictions = 0;
    for (std::size_t at = 0; at < references.size(); ++at) {
        const Place place = references[at];
        State& state = states_[place];
        const bool hit = state != 0;
        if (hits != nullptr) hits[at] = hit;
        if (hit) {
            state = static_cast<State>(state + (state < most_));
            continue;
        }
        ++this->misses_;
        state = 1;
        if (frames_.size() < most_frames_) {
            frames_.push_back(place);
        } else {
            Place& frame = frames_[next_victim()];
            evicted[evictions++] = frame;
            frame = place;
        }
    }
    // Not before: it may have been referenced again in this block.
    for (const Place place : std::span(evicted).first(evictions))
        if (states_[place] == 0) places_.give_back(place);
}

// Leaves the hand behind it.
template <class Places>
std::uint32_t ClockInBlocks<Places>::next_victim() {
    for (;;) {
        if (hand_ >= frames_.size()) hand_ = 0;
        const std::uint32_t frame = hand_++;
        if (--states_[frames_[frame]] == 0) return frame;
    }
}

template <class Places>
bool ClockInBlocks<Places>::together(std::span<const Place> references, std::uint8_t* hits) {
    std::array<State, block> before; // written before it is read
    std::array<Place, block> loaded; // so, too
    std::size_t misses = 0;
    for (std::size_t at = 0; at < references.size(); ++at) {
        const Place place = references[at];
        const State state = states_[place];
        before[at] = state;
        states_[place] = after_hit_[state];
        loaded[misses] = place;
        misses += state == 0;
    }
    if (!pass_hand(std::span(loaded).first(misses))) {
        for (std::size_t at = references.size(); at-- > 0;) states_[references[at]] = before[at];
        return false;
    }
    for (const Place place : references) states_[place] &= static_cast<State>(~hit_in_block);
    if (hits != nullptr)
        for (std::size_t at = 0; at < references.size(); ++at) hits[at] = before[at] != 0;
    this->misses_ += misses;
    return true;
}

// Pages that the hand passes over lose a reference, and those that have none are gone with that: their frames are for
// the pages loaded, in this order. Fails for a page hit in the block, and where it would come to a frame twice.
template <class Places>
bool ClockInBlocks<Places>::pass_hand(std::span<const Place> loaded) {
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
    for (std::size_t i = 0; i < found; ++i) {
        Place& place = frames_[victims[i]];
        places_.give_back(place);
        place = loaded[i];
    }
    hand_ = frame;
    return true;
}

template class ClockInBlocks<DirectPlaces>;
template class ClockInBlocks<HashedPlaces>;

} // namespace switchyard::sim::replacement
