// A small cache of translations: sets x ways, true least-recently-used order within each set. TLBs and the caches of
// page walks are made of it. It knows tags only, 64-bit numbers other than 0 of which whoever uses it makes what it
// needs.
//
// A reference allocates nothing. It compares the tags of one set, and up to 16 ways the order is kept as Intel's and
// AMD's manuals draw it, a permutation: sixteen 4-bit numbers of ways in one word, the most recent lowest, so that
// neither a hit nor an eviction depends on where in the order the way was. Sets of more ways keep their tags themselves
// in that order; a reference then costs O(position).
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
        if (packed_ways_ == 0) return reference_in_order(index, tag);
        std::uint64_t* const set = set_of(index);
        std::uint64_t* const tags = set + 1;
        unsigned matches = 0; // one bit a way: without a branch, as the way that hits cannot be foreseen
        for (unsigned way = 0; way < packed_ways_; way += 4)
            matches |= (unsigned{tags[way] == tag} | unsigned{tags[way + 1] == tag} << 1U |
                        unsigned{tags[way + 2] == tag} << 2U | unsigned{tags[way + 3] == tag} << 3U)
                       << way;
        const std::uint64_t order = set[0];
        if (matches != 0) {
            const auto way = static_cast<std::uint64_t>(std::countr_zero(matches));
            set[0] = with_first(order, position_of(order, way), way);
            return true;
        }
        const std::uint64_t way = order >> last_position_ & 15U;
        tags[way] = tag;
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
                const std::uint64_t tag = set_of(set)[order_words() + way];
                if (tag != 0 && is_unwanted(tag)) remove(set, tag);
            }
    }
    void clear();

private:
    static constexpr std::uint64_t ones = 0x1111'1111'1111'1111;

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

    [[nodiscard]] std::size_t order_words() const { return packed_ways_ == 0 ? 0 : 1; }
    [[nodiscard]] std::uint64_t* set_of(std::uint64_t index) { return words_.data() + (index & set_mask_) * stride_; }
    [[nodiscard]] const std::uint64_t* set_of(std::uint64_t index) const {
        return words_.data() + (index & set_mask_) * stride_;
    }
    bool reference_in_order(std::uint64_t index, std::uint64_t tag);

    std::vector<std::uint64_t> words_; // set by set: its order where that is packed, its tags
    std::size_t stride_ = 0;           // words a set
    std::uint64_t set_mask_ = 0;
    unsigned packed_ways_ = 0;   // ways rounded up to four, those added never being used; 0 where tags lie in order
    unsigned last_position_ = 0; // of the least recent way, in bits
    TranslationCacheShape shape_;
};

} // namespace switchyard::sim
