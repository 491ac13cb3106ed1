#include "sim/kernel/run_order.hpp"

#include <algorithm>
#include <bit>

namespace switchyard::sim {

std::uint32_t RunOrder::run(std::uint32_t lane_number, std::uint32_t id) {
    if (lane_number >= lanes_.size()) lanes_.resize(lane_number + std::size_t{1});
    if (id >= places_.size()) places_.resize(std::max(id + std::size_t{1}, 2 * places_.size()));
    Lane& lane = lanes_[lane_number];
    Place& place = places_[id];
    std::uint32_t others = 0;
    if (place.lane == lane_number) {
        if (place.at + 1 == lane.next) return 0;
        others = place.at == lane.oldest ? lane.marked - 1 : marked_behind(lane, place.at);
        unmark(lane, place.at);
    } else if (place.lane != nowhere) {
        unmark(lanes_[place.lane], place.at);
    }
    place.lane = nowhere;
    if (lane.next == lane.ids.size()) move_together(lane);
    place = {lane_number, lane.next};
    lane.ids[lane.next] = id;
    mark(lane, lane.next++);
    return others;
}

void RunOrder::forget(std::uint32_t id) {
    if (id >= places_.size() || places_[id].lane == nowhere) return;
    unmark(lanes_[places_[id].lane], places_[id].at);
    places_[id].lane = nowhere;
}

void RunOrder::mark(Lane& lane, std::uint32_t at) {
    const std::uint32_t word = at / word_bits;
    lane.marks[word] |= std::uint64_t{1} << at % word_bits;
    ++lane.in_word[word];
    ++lane.in_block[word / block_words];
    ++lane.marked;
}

void RunOrder::unmark(Lane& lane, std::uint32_t at) {
    std::uint32_t word = at / word_bits;
    lane.marks[word] &= ~(std::uint64_t{1} << at % word_bits);
    --lane.in_word[word];
    --lane.in_block[word / block_words];
    --lane.marked;
    if (at != lane.oldest) return;
    if (lane.marked == 0) {
        lane.oldest = lane.next;
        return;
    }
    while (lane.marks[word] == 0) ++word;
    lane.oldest = word * word_bits + static_cast<std::uint32_t>(std::countr_zero(lane.marks[word]));
}

std::uint32_t RunOrder::marked_behind(const Lane& lane, std::uint32_t at) {
    const std::uint32_t word = at / word_bits;
    const std::uint32_t block = word / block_words;
    const std::uint32_t last_block = (lane.next - 1) / word_bits / block_words;
    auto marked = static_cast<std::uint32_t>(std::popcount(lane.marks[word] >> at % word_bits >> 1));
    const std::size_t end = std::min<std::size_t>((block + std::size_t{1}) * block_words, lane.in_word.size());
    for (std::size_t other = word + std::size_t{1}; other < end; ++other) marked += lane.in_word[other];
    for (std::uint32_t other = block + 1; other <= last_block; ++other) marked += lane.in_block[other];
    return marked;
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
    lane.ids.resize(places);
    lane.marks.assign(places / word_bits, 0);
    lane.in_word.assign(places / word_bits, 0);
    lane.in_block.assign((places / word_bits + block_words - 1) / block_words, 0);
    lane.next = kept;
    lane.oldest = lane.marked = 0;
    for (std::uint32_t at = 0; at < kept; ++at) mark(lane, at);
}

} // namespace switchyard::sim
