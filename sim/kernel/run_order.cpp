#include "sim/kernel/run_order.hpp"

#include <algorithm>
#include <bit>

namespace switchyard::sim {

void RunOrder::forget(std::uint32_t id) {
    if (id == latest_)
        latest_ = nowhere;
    else if (id < places_.size())
        static_cast<void>(take_out(nowhere, id));
}

void RunOrder::make_room(std::uint32_t lane_number) {
    if (lane_number >= lanes_.size()) lanes_.resize(lane_number + std::size_t{1});
    if (lanes_[lane_number].next == lanes_[lane_number].places) move_together(lanes_[lane_number]);
}

void RunOrder::count_word(Lane& lane, std::uint32_t word) {
    lane.in_word[word] = static_cast<std::uint8_t>(std::popcount(lane.marks[word]));
    lane.in_block[word / block_words] =
        static_cast<std::uint16_t>(lane.in_block[word / block_words] + lane.in_word[word]);
}

// Takes away a mark that is not the oldest.
std::uint32_t RunOrder::out_of_turn(Lane& lane, std::uint32_t at, bool is_asked) {
    const std::uint32_t others = is_asked ? marked_behind(lane, at) : 0;
    const std::uint32_t word = at / word_bits;
    lane.marks[word] &= ~(std::uint64_t{1} << at % word_bits);
    --lane.marked;
    if (word < lane.next / word_bits) {
        --lane.in_word[word];
        --lane.in_block[word / block_words];
    }
    return others;
}

std::uint32_t RunOrder::marked_behind(const Lane& lane, std::uint32_t at) {
    const std::uint32_t word = at / word_bits;
    const std::uint32_t block = word / block_words;
    const std::uint32_t last_word = lane.next / word_bits; // not counted yet
    auto marked = static_cast<std::uint32_t>(std::popcount(lane.marks[word] >> at % word_bits >> 1));
    if (word == last_word) return marked;
    const std::uint32_t end = std::min((block + 1) * block_words, last_word);
    for (std::uint32_t other = word + 1; other < end; ++other) marked += lane.in_word[other];
    for (std::uint32_t other = block + 1; other <= last_word / block_words; ++other) marked += lane.in_block[other];
    return marked + static_cast<std::uint32_t>(std::popcount(lane.marks[last_word]));
}

void RunOrder::move_together(Lane& lane) {
    std::uint32_t kept = 0;
    for (std::uint32_t at = lane.oldest; at < lane.next; ++at) {
        if ((lane.marks[at / word_bits] >> at % word_bits & 1) == 0) continue;
        const std::uint32_t id = lane.ids[at];
        places_[id].at = kept;
        lane.ids[kept++] = id;
    }
    // Half of the line is free afterwards, so that moving is rare.
    const std::size_t places =
        std::max<std::size_t>({lane.ids.size(), 2 * std::bit_ceil(std::size_t{kept}), least_places});
    const std::size_t words = places / word_bits;
    lane.ids.resize(places);
    lane.marks.assign(words + 1, 0);
    lane.in_word.assign(words, 0);
    lane.in_block.assign(words / block_words + 1, 0);
    lane.places = static_cast<std::uint32_t>(places);
    lane.next = lane.marked = kept;
    lane.oldest = 0;
    std::fill_n(lane.marks.begin(), kept / word_bits, ~std::uint64_t{0});
    for (std::uint32_t word = 0; word < kept / word_bits; ++word) count_word(lane, word);
    if (kept % word_bits != 0) lane.marks[kept / word_bits] = (std::uint64_t{1} << kept % word_bits) - 1;
}

} // namespace switchyard::sim
