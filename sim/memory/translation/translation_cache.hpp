// A small cache of translations: sets x ways, true least-recently-used order within each set. TLBs and the caches of
// page walks are made of it. It knows tags only, 64-bit numbers other than 0 of which whoever uses it makes what it
// needs.
//
// A reference allocates nothing. Up to 4 ways the tags of a set lie in their order. From 5 to 16 the order is a
// permutation, sixteen 4-bit numbers of ways in one word, the most recent lowest; and which ways may hold the tag is
// seen from 16 bits of each of them, hashed and compared all at once, before the tag itself is. So it takes as long
// whichever way hits or goes. With more ways tags lie in their order again, and a reference costs O(position).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

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
        const std::size_t set = index & set_mask_;
        std::uint64_t* const tags = tags_.data() + set * shape_.ways;
        if (shape_.ways == 4) return reference_four(tags, tag);
        if (orders_.empty()) return reference_in_order(tags, tag);
        std::uint16_t* const hashes = hashes_.data() + set * most_hashed_ways;
        const std::uint64_t order = orders_[set];
        const std::uint16_t hash = hash_of(tag);
        for (unsigned candidates = equal_ways(hashes, hash) & used_ways_; candidates != 0;
             candidates &= candidates - 1) {
            const auto way = static_cast<unsigned>(std::countr_zero(candidates));
            if (tags[way] != tag) [[unlikely]]
                continue;
            orders_[set] = with_first(order, position_of(order, way), way);
            return true;
        }
        const std::uint64_t way = order >> last_position_ & 15U;
        tags[way] = tag;
        hashes[way] = hash;
        orders_[set] = with_first(order, last_position_, way);
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
                const std::uint64_t tag = tags_[std::size_t{set} * shape_.ways + way];
                if (tag != 0 && is_unwanted(tag)) remove(set, tag);
            }
    }
    void clear();

private:
    static constexpr std::uint64_t ones = 0x1111'1111'1111'1111;
    static constexpr unsigned most_hashed_ways = 16;

    // By multiplication, the highest bits (Fibonacci hashing, Knuth volume 3, 6.4).
    static std::uint16_t hash_of(std::uint64_t tag) {
        return static_cast<std::uint16_t>(tag * 0x9e37'79b9'7f4a'7c15U >> 48U);
    }
    // One bit for each of 16 hashes.
    static unsigned equal_ways(const std::uint16_t* hashes, std::uint16_t hash) {
#if defined(__SSE2__)
        const __m128i wanted = _mm_set1_epi16(static_cast<short>(hash));
        const auto* const from = reinterpret_cast<const __m128i*>(hashes);
        const __m128i low = _mm_cmpeq_epi16(_mm_loadu_si128(from), wanted);
        const __m128i high = _mm_cmpeq_epi16(_mm_loadu_si128(from + 1), wanted);
        return static_cast<unsigned>(_mm_movemask_epi8(_mm_packs_epi16(low, high)));
#else
        unsigned equal = 0;
        for (unsigned way = 0; way < most_hashed_ways; ++way) equal |= unsigned{hashes[way] == hash} << way;
        return equal;
#endif
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

    std::vector<std::uint64_t> tags_;   // set by set
    std::vector<std::uint64_t> orders_; // by set, where the tags do not lie in order; and then
    std::vector<std::uint16_t> hashes_; // of the tags, 16 a set
    std::uint64_t set_mask_ = 0;
    unsigned used_ways_ = 0;     // one bit each
    unsigned last_position_ = 0; // of the least recent way, in bits of the order
    TranslationCacheShape shape_;
};

} // namespace switchyard::sim
