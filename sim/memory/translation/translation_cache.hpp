// A small cache of translations: sets x ways, true least-recently-used order within each set. TLBs and the caches of
// page walks are made of it. It knows tags only, 64-bit numbers other than 0 of which whoever uses it makes what it
// needs.
//
// A reference allocates nothing. Up to 4 ways the tags of a set lie in their order. From 5 to 16 the order is a
// permutation, sixteen 4-bit numbers of ways in one word, the most recent lowest; and which ways may hold the tag is
// seen from 16 bits of each of them, hashed and compared all at once, before the tag itself is. So it takes as long
// whichever way hits or goes. With more ways tags lie in their order again, and a reference costs O(position).
#pragma once

#include "sim/memory/recency_order.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
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
        const std::size_t set = index & set_mask_;
        if (shape_.ways == 4) return reference_four_as_foreseen(tags_.data() + 4 * set, tag);
        if (hashed_sets_.empty()) return reference_in_order(tags_.data() + set * shape_.ways, tag);
        return reference_as_foreseen(hashed_sets_[set], last_position_, tag);
    }
    // References so many tags in turn, tag_at(i), the index being what is in a tag from bit `index_shift` on. Those
    // that were not there come to `misses`, in their order. Returns how many. No branch depends on which references
    // hit, so it is cheaper than one by one where that cannot be foreseen. `before` is the tag referenced last, or 0:
    // the same again changes nothing. tag_at(i) may read what `misses` points to, from its place i on.
    static constexpr unsigned index_shift = 19;
    template <class TagAt>
    std::size_t reference_all(std::size_t count, const TagAt& tag_at, std::uint64_t before, std::uint64_t* misses);

    // Whether it is there; nothing changes.
    [[nodiscard]] bool holds(std::uint64_t index, std::uint64_t tag) const;
    // Takes the tag out if it is there; its way is the next to be filled.
    void remove(std::uint64_t index, std::uint64_t tag);
    // Takes out every tag the function is true of.
    template <class Predicate>
    void remove_if(const Predicate& is_unwanted) {
        for (std::uint32_t set = 0; set < shape_.sets; ++set)
            for (std::uint32_t way = shape_.ways; way-- > 0;) {
                const std::uint64_t tag = tags_of(set)[way];
                if (tag != 0 && is_unwanted(tag)) remove(set, tag);
            }
    }
    void clear();

private:
    static constexpr unsigned most_hashed_ways = RecencyOrder::most;

    // A set whose tags do not lie in order; what every reference needs of it is in one cache line.
    struct alignas(64) HashedSet {
        HashedSet() { hashes.fill(no_short_hash); }
        std::array<std::uint16_t, most_hashed_ways> hashes; // of the tags
        std::uint64_t order = RecencyOrder::first;
        std::array<std::uint64_t, most_hashed_ways> tags{};
    };
    // Which way it is, whether of a hit or else the least recent, is found without a branch on it: the lowest of the
    // ways that match and, above all of these, the least recent. That is at `last_position` of the order.
    static bool reference_hashed(HashedSet& set, unsigned last_position, std::uint64_t tag) {
        static constexpr auto as_last = [] {
            std::array<std::uint32_t, most_hashed_ways> bits{};
            for (unsigned way = 0; way < most_hashed_ways; ++way) bits[way] = 1U << (most_hashed_ways + way);
            return bits;
        }();
        const std::uint64_t order = set.order;
        const std::uint16_t hash = short_hash(tag);
        const unsigned candidates = equal_hashes(set.hashes.data(), hash);
        const std::uint64_t way =
            static_cast<unsigned>(std::countr_zero(candidates | as_last[order >> last_position & 15U])) % 16;
        const std::uint64_t is_hit = all_ones_if(candidates != 0);
        if (((set.tags[way] ^ tag) & is_hit) != 0) [[unlikely]] // another tag of the same hash
            return reference_among(candidates, set, last_position, tag);
        set.tags[way] = tag;
        set.hashes[way] = hash;
        set.order = RecencyOrder::with_first(order, way);
        return is_hit != 0;
    }
    // The same with branches on it, which is cheaper where they can be foreseen.
    static bool reference_as_foreseen(HashedSet& set, unsigned last_position, std::uint64_t tag) {
        const std::uint16_t hash = short_hash(tag);
        const unsigned candidates = equal_hashes(set.hashes.data(), hash);
        if (candidates != 0) return reference_among(candidates, set, last_position, tag);
        const std::uint64_t way = set.order >> last_position & 15U;
        set.tags[way] = tag;
        set.hashes[way] = hash;
        set.order = RecencyOrder::with_first(set.order, way, ~std::uint64_t{0} >> (60U - last_position));
        return false;
    }
    static bool reference_among(unsigned candidates, HashedSet& set, unsigned last_position, std::uint64_t tag);

    [[nodiscard]] const std::uint64_t* tags_of(std::size_t set) const {
        return hashed_sets_.empty() ? tags_.data() + set * shape_.ways : hashed_sets_[set].tags.data();
    }

    // One bit for each of 4 tags.
    static unsigned equal_of_four(const std::uint64_t* tags, std::uint64_t tag) {
#if defined(__SSE2__)
        const __m128i wanted = _mm_set1_epi64x(static_cast<long long>(tag));
        const auto* const from = reinterpret_cast<const __m128i*>(tags);
        const __m128i low = equal_tags(_mm_loadu_si128(from), wanted);
        const __m128i high = equal_tags(_mm_loadu_si128(from + 1), wanted);
        return static_cast<unsigned>(_mm_movemask_pd(_mm_castsi128_pd(low)) | _mm_movemask_pd(_mm_castsi128_pd(high))
                                                                                  << 2);
#else
        unsigned equal = 0;
        for (unsigned way = 0; way < 4; ++way) equal |= unsigned{tags[way] == tag} << way;
        return equal;
#endif
    }
    bool reference_in_order(std::uint64_t* tags, std::uint64_t tag) const;
    // reference_all for a single set of 4 ways, which every reference would have to wait for: tags stay where they are
    // while they hit, and when each was referenced last gives their order afterwards.
    template <class TagAt>
    std::size_t reference_single_set(std::size_t count, const TagAt& tag_at, std::uint64_t* misses);
    // The same of four, where it can be foreseen at which the tag is.
    static bool reference_four_as_foreseen(std::uint64_t* tags, std::uint64_t tag) {
        std::uint64_t moved = tags[0];
        if (moved == tag) return true;
        tags[0] = tag;
        for (unsigned way = 1; way < 4; ++way) {
            const std::uint64_t next = tags[way];
            tags[way] = moved;
            if (next == tag) return true;
            moved = next;
        }
        return false;
    }
    // The same of four, without a branch on where the tag is, which cannot be foreseen.
    static bool reference_four(std::uint64_t* tags, std::uint64_t tag) {
#if defined(__SSE2__)
        auto* const pairs = reinterpret_cast<__m128i*>(tags);
        const __m128i wanted = _mm_set1_epi64x(static_cast<long long>(tag));
        const __m128i upper = _mm_loadu_si128(pairs);
        const __m128i lower = _mm_loadu_si128(pairs + 1);
        const __m128i in_upper = equal_tags(upper, wanted);
        const __m128i in_lower = equal_tags(lower, wanted);
        const __m128i in_either_upper = _mm_or_si128(in_upper, _mm_shuffle_epi32(in_upper, 0x4e));
        const __m128i upper_stays = _mm_unpacklo_epi64(in_upper, in_upper);
        const __m128i lower_stays = _mm_or_si128(in_either_upper, _mm_slli_si128(in_lower, 8));
        const __m128i upper_moved = _mm_unpacklo_epi64(wanted, upper);
        const __m128i lower_moved =
            _mm_castpd_si128(_mm_shuffle_pd(_mm_castsi128_pd(upper), _mm_castsi128_pd(lower), 1));
        _mm_storeu_si128(pairs, either(upper_stays, upper, upper_moved));
        _mm_storeu_si128(pairs + 1, either(lower_stays, lower, lower_moved));
        return _mm_movemask_epi8(_mm_or_si128(in_either_upper, in_lower)) != 0;
#else
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
#endif
    }
#if defined(__SSE2__)
    static __m128i equal_tags(__m128i some, __m128i others) {
        const __m128i halves = _mm_cmpeq_epi32(some, others);
        return _mm_and_si128(halves, _mm_shuffle_epi32(halves, 0xb1));
    }
    static __m128i either(__m128i mask, __m128i where_set, __m128i where_not) {
        return _mm_or_si128(_mm_and_si128(mask, where_set), _mm_andnot_si128(mask, where_not));
    }
#endif
    static std::uint64_t all_ones_if(bool condition) { return ~std::uint64_t{condition} + 1; }

    std::vector<std::uint64_t> tags_;    // set by set, where they lie in order
    std::vector<HashedSet> hashed_sets_; // where they do not
    std::uint64_t set_mask_ = 0;
    unsigned last_position_ = 0; // of the least recent way, in bits of the order of a hashed set
    bool is_foreseen_ = true;    // of late nearly all references hit, or nearly none
    TranslationCacheShape shape_;
};

template <class TagAt>
std::size_t TranslationCache::reference_all(std::size_t count, const TagAt& tag_at, std::uint64_t before,
                                            std::uint64_t* misses) {
    const auto all = [=](const auto& is_hit) {
        std::uint64_t last = before;
        std::size_t missed = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const std::uint64_t tag = tag_at(i);
            if (tag == last) continue;
            last = tag;
            misses[missed] = tag;
            missed += !is_hit(tag);
        }
        return missed;
    };
    if (shape_.sets == 0) {
        for (std::size_t i = 0; i < count; ++i) misses[i] = tag_at(i);
        return count;
    }
    std::uint64_t* const tags = tags_.data();
    const std::size_t ways = shape_.ways;
    const std::uint64_t mask = set_mask_;
    const auto set_of = [=](std::uint64_t tag) { return tag >> index_shift & mask; };
    if (ways == 4 && shape_.sets == 1) return reference_single_set(count, tag_at, misses);
    if (ways == 4) return all([=](std::uint64_t tag) { return reference_four(tags + 4 * set_of(tag), tag); });
    if (!hashed_sets_.empty()) {
        HashedSet* const sets = hashed_sets_.data();
        const unsigned last = last_position_;
        const std::size_t missed =
            is_foreseen_ ? all([=](std::uint64_t tag) { return reference_as_foreseen(sets[set_of(tag)], last, tag); })
                         : all([=](std::uint64_t tag) { return reference_hashed(sets[set_of(tag)], last, tag); });
        is_foreseen_ = missed < count / 32 || count - missed < count / 32;
        return missed;
    }
    return all([&](std::uint64_t tag) { return reference_in_order(tags + ways * set_of(tag), tag); });
}

template <class TagAt>
std::size_t TranslationCache::reference_single_set(std::size_t count, const TagAt& tag_at, std::uint64_t* misses) {
    std::array<std::uint64_t, 4> tags{tags_[3], tags_[2], tags_[1], tags_[0]};
    std::array<std::size_t, 4> referenced{0, 1, 2, 3};
    std::size_t missed = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t tag = tag_at(i);
        const unsigned equal = equal_of_four(tags.data(), tag);
        auto way = static_cast<std::size_t>(std::countr_zero(equal));
        if (equal == 0) {
            way = static_cast<std::size_t>(std::ranges::min_element(referenced) - referenced.begin());
            tags[way] = tag;
            misses[missed++] = tag;
        }
        referenced[way] = i + 4;
    }
    for (std::uint64_t& tag : std::span(tags_).first(4)) {
        const auto latest = std::ranges::max_element(referenced);
        tag = tags[static_cast<std::size_t>(latest - referenced.begin())];
        *latest = 0;
    }
    return missed;
}

} // namespace switchyard::sim
