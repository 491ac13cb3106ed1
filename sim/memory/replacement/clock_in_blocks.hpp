// The clock (clock.hpp) over places (page_places.hpp): what there is to know of a page is one byte, so that a hit
// touches nothing else, and the frames are an array of places.
//
// References are taken in blocks. That a page is hit and that the hand passes over another one may change places, so
// long as the hand comes to no page that is hit in the same block: then first all references are looked up, and
// afterwards the hand goes as far as their misses make it. Neither has a branch that depends on which references hit.
// Where the hand does come to such a page, which is rare with many frames, the block is taken back and gone through one
// by one.
#pragma once

#include "sim/memory/replacement/options.hpp"
#include "sim/memory/replacement/page_places.hpp"
#include "sim/memory/replacement/replay.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace switchyard::sim::replacement {

template <class Places>
class ClockInBlocks final : public Replay<typename Places::Page> {
public:
    using Page = typename Places::Page;

    // Takes the clock's parameter.
    explicit ClockInBlocks(const Options& options);

    void play(std::span<const Page> references, std::span<std::uint8_t> hits) override;

private:
    // Of a page: 0 where it is absent, else 1 more than its counter; and in a block, whether it was hit there.
    using State = std::uint8_t;
    static constexpr State hit_in_block = 0x80;
    static constexpr std::size_t block = place_block;

    void one_by_one(std::span<const Place> references, std::uint8_t* hits);
    // Whether it could be done; nothing has changed otherwise.
    bool together(std::span<const Place> references, std::uint8_t* hits);
    bool pass_hand(std::span<const Place> loaded);
    std::uint32_t next_victim();

    Places places_;
    std::vector<State> states_; // by place
    std::vector<Place> frames_; // of the page in each; grows until memory is full
    std::uint32_t most_frames_;
    State most_;                         // states of pages in memory
    std::array<State, 256> after_hit_{}; // by state, and that of a page which is loaded
    std::uint32_t hand_ = 0;
    bool in_blocks_;
    std::uint32_t failures_ = 0; // in a row
    std::uint32_t pause_ = 0;    // blocks to go through one by one
};

extern template class ClockInBlocks<DirectPlaces>;
extern template class ClockInBlocks<HashedPlaces>;

} // namespace switchyard::sim::replacement
