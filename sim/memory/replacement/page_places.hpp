// Where a page's byte is, for an algorithm that looks up a block of references at a time: from page numbers to places,
// which are small numbers. Two kinds: direct, where page numbers are small and are the places, and hashed, for page
// numbers of any size.
#pragma once

#include "sim/memory/recency_order.hpp"
#include "sim/memory/replacement/options.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace switchyard::sim::replacement {

using Place = std::uint32_t;
// References that are looked up together, at most.
inline constexpr std::size_t place_block = 64;

class DirectPlaces {
public:
    using Page = std::uint32_t;

    explicit DirectPlaces(const Options& options) : pages_(options.pages) {}

    [[nodiscard]] std::size_t bound() const { return pages_; } // all places are less
    static std::span<const Place> places_of(std::span<const Page> pages, std::array<Place, place_block>& /*room*/) {
        return pages;
    }
    static void give_back(Place /*place*/) {}

private:
    std::size_t pages_;
};

// Buckets of 16 places, of which 15 bits of the page's hash are compared all at once, and the page where they match.
// So a page in its bucket is found without a branch on where it is, and none on whether it is: those that are not
// found at once are gone through afterwards. At most half of the places are taken; a page whose bucket is full
// nevertheless is in one of the next, and each bucket it was too full for counts it, so that it is looked for no
// further than it can be. The hash is multiplicative.
class HashedPlaces {
public:
    using Page = std::uint64_t;

    // For as many pages as there are frames, and those of a block.
    explicit HashedPlaces(const Options& options)
        : HashedPlaces(std::bit_ceil(2 * (options.frames + place_block) / ways)) {}

    [[nodiscard]] std::size_t bound() const { return pages_.size(); } // all places are less
    // The places of these pages, in `room`; a page that had none has one now.
    std::span<const Place> places_of(std::span<const Page> pages, std::array<Place, place_block>& room) {
        std::array<std::uint8_t, place_block> left; // written before it is read
        std::size_t left_count = 0;
        for (std::size_t at = 0; at < pages.size(); ++at) {
            const Page page = pages[at];
            const std::uint64_t hash = hash_of(page);
            const Place first = bucket_of(hash) * ways;
            const unsigned candidates = equal_hashes(&hashes_[first], short_hash_of(hash));
            const Place place = first + static_cast<Place>(std::countr_zero(candidates | 1U << (ways - 1)));
            room[at] = place;
            left[left_count] = static_cast<std::uint8_t>(at);
            left_count += static_cast<std::size_t>((candidates == 0) | (pages_[place] != page));
        }
        for (const std::uint8_t at : std::span(left).first(left_count)) room[at] = find_or_take(pages[at]);
        return std::span(room).first(pages.size());
    }
    // The place's page has it no more. May be said again.
    void give_back(Place place) {
        if (hashes_[place] == no_short_hash) return;
        hashes_[place] = no_short_hash;
        for (Place bucket = bucket_of(hash_of(pages_[place])); bucket != place / ways; bucket = behind(bucket))
            --elsewhere_[bucket];
    }

private:
    static constexpr Place ways = 16;

    explicit HashedPlaces(std::size_t buckets)
        : hashes_(buckets * ways, no_short_hash),
          pages_(buckets * ways),
          elsewhere_(buckets),
          shift_(64 - std::countr_zero(buckets)) {}

    static std::uint64_t hash_of(Page page) { return page * 0x9E37'79B9'7F4A'7C15; }
    [[nodiscard]] Place bucket_of(std::uint64_t hash) const { return static_cast<Place>(hash >> shift_); }
    // Of the bits below those that say which bucket.
    [[nodiscard]] std::uint16_t short_hash_of(std::uint64_t hash) const {
        return static_cast<std::uint16_t>(hash >> (shift_ - 15) & 0x7FFF);
    }
    [[nodiscard]] Place behind(Place bucket) const { return (bucket + 1) % static_cast<Place>(elsewhere_.size()); }

    Place find_or_take(Page page) {
        const std::uint64_t hash = hash_of(page);
        const std::uint16_t wanted = short_hash_of(hash);
        for (Place bucket = bucket_of(hash);; bucket = behind(bucket)) {
            const Place first = bucket * ways;
            for (unsigned candidates = equal_hashes(&hashes_[first], wanted); candidates != 0;
                 candidates &= candidates - 1) {
                const Place place = first + static_cast<Place>(std::countr_zero(candidates));
                if (pages_[place] == page) return place;
            }
            if (elsewhere_[bucket] == 0) break;
        }
        for (Place bucket = bucket_of(hash);; bucket = behind(bucket)) {
            const unsigned free = equal_hashes(&hashes_[bucket * ways], no_short_hash);
            if (free == 0) {
                ++elsewhere_[bucket];
                continue;
            }
            const Place place = bucket * ways + static_cast<Place>(std::countr_zero(free));
            hashes_[place] = wanted;
            pages_[place] = page;
            return place;
        }
    }

    std::vector<std::uint16_t> hashes_;    // by place
    std::vector<Page> pages_;              // so, too
    std::vector<std::uint32_t> elsewhere_; // by bucket: pages that were or passed here when it was full
    int shift_;
};

} // namespace switchyard::sim::replacement
