// A small cache of translations: sets x ways, true least-recently-used order within each set. TLBs and the caches of
// page walks are made of it. It knows tags only, 64-bit numbers other than 0 of which whoever uses it makes what it
// needs.
//
// A reference allocates nothing. Up to 4 ways the tags of a set lie in their order. From 5 to 16 the order is a
// permutation, sixteen 4-bit numbers of ways in one word, the most recent lowest; and which ways may hold the tag is
// seen from 16 bits of each of them, hashed, four to a word, before the tag itself is compared. So it takes as long
// whichever way hits or goes. With more ways tags lie in their order again, and a reference costs O(position).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace switchyard::sim {

// Sets x ways. No sets: there is no such cache, and every reference misses.
struct TranslationCacheShape {
    std::uint32_t sets = 0; // a power of two; the set is the index modulo sets
    std::uint32_t ways = 0;
    friend bool operator==(const TranslationCacheShape&, const TranslationCacheShape&) = default;
};

class TranslationCache {
public:
    TranslationCache() : TranslationCache(TranslationCacheShape{}) {}
    // Throws InputError for a number of sets that is no power of two, no ways, or more than 2^20 entries.
    explicit TranslationCache(TranslationCacheShape shape);

    [[nodiscard]] TranslationCacheShape shape() const { return shape_; }

    // Whether the tag is there; afterwards it is, as the most recent of its set. The least recent went for it.
    bool reference(std::uint64_t index, std::uint64_t tag) {
        std::uint64_t* const set = set_of(index);
        if (shape_.ways == 4) return reference_four(set, tag);
        if (hash_words_ == 0) return reference_in_order(set, tag);
        std::uint64_t* const hashes = set + 1;
        std::uint64_t* const tags = hashes + hash_words_;
        const std::uint64_t hash = hash_of(tag);
        std::uint64_t candidates = 0; // bit 16 * lane + word of the hashes; at least those that are equal
        for (unsigned word = 0; word < hash_words_; ++word) {
            const std::uint64_t difference = hashes[word] ^ hash * lanes;
            candidates |= ((difference - lanes) & ~difference & lanes << 15U) >> (15U - word);
        }
        const std::uint64_t order = set[0];
        for (; candidates != 0; candidates &= candidates - 1) {
            const auto bit = static_cast<unsigned>(std::countr_zero(candidates));
            const std::uint64_t way = (bit & 15U) * 4U + (bit >> 4U);
            if (tags[way] != tag) [[unlikely]]
                continue;
            set[0] = with_first(order, position_of(order, way), way);
            return true;
        }
        const std::uint64_t way = order >> last_position_ & 15U;
        put(set, way, tag, hash);
        set[0] = with_first(order, last_position_, way);
        return false;
    }

    // Whether it is there; nothing changes.
    [[nodiscard]] bool holds(std::uint64_t index, std::uint64_t tag) const;
    // Takes the tag out if it is there; its way is the next to be filled.
    void remove(std::uint64_t index, std::uint64_t tag);
    // Takes out every tag the function is true of.
    template <class Predicate>
    void remove_if(const Predicate& is_unwanted) {
        for (std::uint32_t set = 0; set < shape_.sets; ++set)
            for (std::uint32_t way = shape_.ways; way-- > 0;) {
                const std::uint64_t tag = tags_of(set_of(set))[way];
                if (tag != 0 && is_unwanted(tag)) remove(set, tag);
            }
    }
    void clear();

private:
    static constexpr std::uint64_t ones = 0x1111'1111'1111'1111;
    static constexpr std::uint64_t lanes = 0x0001'0001'0001'0001;

    // By multiplication, the highest bits (Fibonacci hashing, Knuth volume 3, 6.4).
    static std::uint64_t hash_of(std::uint64_t tag) { return tag * 0x9e37'79b9'7f4a'7c15U >> 48U; }
    void put(std::uint64_t* set, std::uint64_t way, std::uint64_t tag, std::uint64_t hash) {
        std::uint64_t& hashes = set[1 + way / 4];
        const auto shift = static_cast<unsigned>(way % 4 * 16);
        hashes = (hashes & ~(std::uint64_t{0xffff} << shift)) | hash << shift;
        set[1 + hash_words_ + way] = tag;
    }

    // Four times the place of the way in the order.
    static unsigned position_of(std::uint64_t order, std::uint64_t way) {
        const std::uint64_t difference = order ^ way * ones; // 0 where it stands, and the lowest 0 is found exactly
        const std::uint64_t zeros = (difference - ones) & ~difference & ones << 3U;
        return static_cast<unsigned>(std::countr_zero(zeros)) - 3U;
    }
    // The order with the way, which is at that position, put first.
    static std::uint64_t with_first(std::uint64_t order, unsigned position, std::uint64_t way) {
        const std::uint64_t more_recent = (std::uint64_t{1} << position) - 1;
        return (order & ~(more_recent << 4U | 15U)) | (order & more_recent) << 4U | way;
    }

    template <class Word>
    [[nodiscard]] Word* tags_of(Word* set) const {
        return hash_words_ == 0 ? set : set + 1 + hash_words_;
    }
    [[nodiscard]] std::uint64_t* set_of(std::uint64_t index) { return words_.data() + (index & set_mask_) * stride_; }
    [[nodiscard]] const std::uint64_t* set_of(std::uint64_t index) const {
        return words_.data() + (index & set_mask_) * stride_;
    }
    bool reference_in_order(std::uint64_t* tags, std::uint64_t tag) const;
    // The same of four, without a branch on where the tag is, which cannot be foreseen.
    static bool reference_four(std::uint64_t* tags, std::uint64_t tag) {
        const std::uint64_t first = tags[0];
        const std::uint64_t second = tags[1];
        const std::uint64_t third = tags[2];
        const std::uint64_t fourth = tags[3];
        const std::uint64_t within_one = all_ones_if(first == tag);
        const std::uint64_t within_two = within_one | all_ones_if(second == tag);
        const std::uint64_t within_three = within_two | all_ones_if(third == tag);
        tags[0] = tag;
        tags[1] = first ^ ((first ^ second) & within_one);
        tags[2] = second ^ ((second ^ third) & within_two);
        tags[3] = third ^ ((third ^ fourth) & within_three);
        return (within_three | all_ones_if(fourth == tag)) != 0;
    }
    static std::uint64_t all_ones_if(bool condition) { return ~std::uint64_t{condition} + 1; }

    std::vector<std::uint64_t> words_; // set by set: its order and hashes unless the tags lie in order, its tags
    std::size_t stride_ = 0;           // words a set
    std::uint64_t set_mask_ = 0;
    unsigned hash_words_ = 0;    // of a set; 0 where the tags lie in order
    unsigned last_position_ = 0; // of the least recent way, in bits
    TranslationCacheShape shape_;
};

} // namespace switchyard::sim
