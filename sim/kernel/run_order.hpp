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
        if (lane < lanes_.size() && id < places_.size() && places_[id].lane == lane) {
            Lane& on = lanes_[lane];
            if (places_[id].at + 1 == on.next) return 0;
            if (places_[id].at == on.oldest && on.next < on.places) return turn_of_oldest(on, places_[id], id);
        }
        return run_out_of_turn(lane, id);
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

    // By turns: the mark of the oldest becomes the latest.
    static std::uint32_t turn_of_oldest(Lane& lane, Place& place, std::uint32_t id) {
        const std::uint32_t before = place.at;
        lane.marks[before / word_bits] &= ~(std::uint64_t{1} << before % word_bits);
        place.at = lane.next;
        put_last(lane, id);
        find_oldest(lane);
        return lane.marked - 1;
    }
    static void put_last(Lane& lane, std::uint32_t id) {
        const std::uint32_t at = lane.next++;
        lane.ids[at] = id;
        lane.marks[at / word_bits] |= std::uint64_t{1} << at % word_bits;
        if (lane.next % word_bits == 0) [[unlikely]]
            count_word(lane, at / word_bits);
    }
    // From where it was until now. Precondition: there are marks.
    static void find_oldest(Lane& lane) {
        std::uint32_t word = lane.oldest / word_bits;
        while (lane.marks[word] == 0) ++word;
        lane.oldest = word * word_bits + static_cast<std::uint32_t>(std::countr_zero(lane.marks[word]));
    }

    std::uint32_t run_out_of_turn(std::uint32_t lane, std::uint32_t id);
    static void count_word(Lane& lane, std::uint32_t word);
    static void unmark(Lane& lane, std::uint32_t at);
    [[nodiscard]] static std::uint32_t marked_behind(const Lane& lane, std::uint32_t at);
    void move_together(Lane& lane);

    std::vector<Lane> lanes_;
    std::vector<Place> places_; // by id
};

} // namespace switchyard::sim
