// Up to 16 things in the order of their use, in one word: 4-bit numbers, the most recent lowest. And which of 16 things
// may be the one that is looked for, from 15 bits of each, hashed and compared all at once. For small sets that are
// searched at every reference: the time does not depend on where the thing is, so there is no branch to be foreseen.
#pragma once

#include <bit>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace switchyard::sim {

struct RecencyOrder {
    static constexpr unsigned most = 16;
    static constexpr std::uint64_t ones = 0x1111'1111'1111'1111;
    static constexpr std::uint64_t first = 0xfedc'ba98'7654'3210;

    // The highest bit of the place where the thing is. It is the lowest 0, which is found exactly, of the differences.
    static std::uint64_t mark_of(std::uint64_t order, std::uint64_t thing) {
        const std::uint64_t difference = order ^ thing * ones;
        return (difference - ones) & ~difference & ones << 3U;
    }
    // How many are more recent than the thing that is marked.
    static unsigned place_of(std::uint64_t mark) { return static_cast<unsigned>(std::countr_zero(mark)) / 4; }
    // The order with the thing put first. What moves are the places up to its own.
    static std::uint64_t with_first(std::uint64_t order, std::uint64_t thing, std::uint64_t moves) {
        return (order ^ ((order ^ order << 4U) & moves)) | thing;
    }
    static std::uint64_t with_marked_first(std::uint64_t order, std::uint64_t thing, std::uint64_t mark) {
        return with_first(order, thing, mark ^ (mark - 1));
    }
    static std::uint64_t with_first(std::uint64_t order, std::uint64_t thing) {
        return with_marked_first(order, thing, mark_of(order, thing));
    }
    // The order with the thing at this place, those between moved up; it is no more recent than that.
    static std::uint64_t with_put_back(std::uint64_t order, std::uint64_t thing, unsigned to) {
        unsigned place = place_of(mark_of(order, thing));
        for (; place < to; ++place) {
            const std::uint64_t next = at(order, place + 1);
            order = (order & ~(std::uint64_t{15} << 4 * place)) | next << 4 * place;
        }
        return (order & ~(std::uint64_t{15} << 4 * to)) | thing << 4 * to;
    }
    static std::uint64_t at(std::uint64_t order, unsigned place) { return order >> 4 * place & 15U; }
};

// By multiplication, the highest bits (Fibonacci hashing, Knuth, The Art of Computer Programming, volume 3, 6.4).
// no_short_hash is of nothing.
inline std::uint16_t short_hash(std::uint64_t value) {
    return static_cast<std::uint16_t>(value * 0x9e37'79b9'7f4a'7c15U >> 49U);
}
inline constexpr std::uint16_t no_short_hash = 0xffff;

// One bit for each of 16 hashes.
inline unsigned equal_hashes(const std::uint16_t* hashes, std::uint16_t hash) {
#if defined(__SSE2__)
    const __m128i wanted = _mm_set1_epi16(static_cast<short>(hash));
    const auto* const from = reinterpret_cast<const __m128i*>(hashes);
    const __m128i low = _mm_cmpeq_epi16(_mm_loadu_si128(from), wanted);
    const __m128i high = _mm_cmpeq_epi16(_mm_loadu_si128(from + 1), wanted);
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_packs_epi16(low, high)));
#else
    unsigned equal = 0;
    for (unsigned i = 0; i < RecencyOrder::most; ++i) equal |= unsigned{hashes[i] == hash} << i;
    return equal;
#endif
}

} // namespace switchyard::sim
