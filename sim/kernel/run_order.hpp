// In which order something was run by turns: how many others have had their turn since one had its own. It is the depth
// of a stack in which who runs comes to the top (Mattson et al. 1970, "Evaluation Techniques for Storage Hierarchies",
// IBM Systems Journal 9(2)): everybody counts once, however often it ran meanwhile.
//
// Every run has a place on a line, and the latest one of each is marked; the depth is the number of marks behind it
// (Bennett and Kruskal 1975, "LRU Stack Processing", IBM Journal of R&D 19(4)), counted by words and blocks of words.
// When the line is full the marks move together. Marking is O(1), and so is the depth of whose turn is longest ago,
// which is all that round robin asks for; that of the others is O(places behind it / 64).
//
// The marks of a word are counted when the line goes on to the next word, and from then on less those that are taken
// away; but not where the oldest mark is, since nobody asks what is behind a place before it.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace switchyard::sim {

class RunOrder {
public:
    // It has its turn on the lane (a core, an event loop): how many others have had theirs there since it did last. 0
    // for who had none there, or has been elsewhere meanwhile. Ids are small numbers; allocates for those never seen.
    std::uint32_t run(std::uint32_t lane, std::uint32_t id) {
        if (id == latest_) { // nobody has run since, wherever
            lane_of_latest_ = lane;
            return 0;
        }
        if (latest_ != nowhere) put_latest_in_place();
        latest_ = id;
        lane_of_latest_ = lane;
        return take_out(lane, id);
    }

    // It is no more: what took room for it others may have.
    void forget(std::uint32_t id);

private:
    static constexpr std::uint32_t word_bits = 64;
    static constexpr std::uint32_t block_words = 64;
    static constexpr std::uint32_t least_places = 8 * word_bits; // few tasks fill a short line all the time
    static constexpr std::uint32_t nowhere = UINT32_MAX;

    struct alignas(64) Lane {
        std::vector<std::uint32_t> ids;      // by place: whose run it was
        std::vector<std::uint64_t> marks;    // a bit for each place, and a word that stays empty
        std::vector<std::uint8_t> in_word;   // marks, of words the line has gone beyond
        std::vector<std::uint16_t> in_block; // marks, of the same words
        std::uint32_t next = 0;              // place
        std::uint32_t places = 0;
        std::uint32_t oldest = 0; // of those marked; `next` where there are none
        std::uint32_t marked = 0;
    };
    struct Place {
        std::uint32_t lane = nowhere;
        std::uint32_t at = 0;
    };

    // Off its place: how many others have run on the lane since.
    std::uint32_t take_out(std::uint32_t lane_number, std::uint32_t id) {
        if (id >= places_.size()) [[unlikely]]
            places_.resize(std::max(id + std::size_t{1}, 2 * places_.size()));
        Place& place = places_[id];
        if (place.lane == nowhere) return 0;
        Lane& lane = lanes_[place.lane];
        const bool is_same = place.lane == lane_number;
        place.lane = nowhere;
        if (place.at != lane.oldest) return out_of_turn(lane, place.at, is_same);
        lane.marks[place.at / word_bits] &= ~(std::uint64_t{1} << place.at % word_bits);
        if (--lane.marked == 0)
            lane.oldest = lane.next;
        else
            find_oldest(lane);
        return is_same ? lane.marked : 0;
    }
    // From where it was until now. Precondition: there are marks.
    static void find_oldest(Lane& lane) {
        std::uint32_t word = lane.oldest / word_bits;
        while (lane.marks[word] == 0) ++word;
        lane.oldest = word * word_bits + static_cast<std::uint32_t>(std::countr_zero(lane.marks[word]));
    }

    void put_latest_in_place() {
        if (lane_of_latest_ >= lanes_.size() || lanes_[lane_of_latest_].next == lanes_[lane_of_latest_].places)
            make_room(lane_of_latest_);
        Lane& lane = lanes_[lane_of_latest_];
        const std::uint32_t at = lane.next++;
        places_[latest_] = {lane_of_latest_, at};
        ++lane.marked;
        lane.ids[at] = latest_;
        lane.marks[at / word_bits] |= std::uint64_t{1} << at % word_bits;
        if (lane.next % word_bits == 0) [[unlikely]]
            count_word(lane, at / word_bits);
    }

    static std::uint32_t out_of_turn(Lane& lane, std::uint32_t at, bool is_asked);
    void make_room(std::uint32_t lane);
    static void count_word(Lane& lane, std::uint32_t word);
    [[nodiscard]] static std::uint32_t marked_behind(const Lane& lane, std::uint32_t at);
    void move_together(Lane& lane);

    // Who ran last has no place yet: on other lanes nobody sees the difference, and who runs again needs none.
    std::uint32_t latest_ = nowhere;
    std::uint32_t lane_of_latest_ = 0;
    std::vector<Lane> lanes_;
    std::vector<Place> places_; // by id
};

} // namespace switchyard::sim
