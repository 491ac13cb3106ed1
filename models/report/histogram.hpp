// How durations are distributed: exact while they are few, then in buckets no wider than 1/128 of their value.
//
// Buckets as in HdrHistogram (Gil Tene): each power of two is divided into 128 equal parts, and values below 128 ps
// have one each. All in integers: the same values in any order give the same histogram, and histograms add up.
#pragma once

#include "models/units/time.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace switchyard {

class DurationHistogram {
public:
    // A value of 0 or more. O(1); allocates for the first `few` values and where a new power of two comes up. More than
    // 2^32 - 1 of one bucket count as so many.
    void add(Duration value) {
        const std::size_t place = bucket_of(value.count()) - first_bucket_;
        if (place >= buckets_.size()) return add(value, 1);
        least_ = value < least_ ? value : least_;
        most_ = value > most_ ? value : most_;
        ++count_;
        buckets_[place] += buckets_[place] != most_in_a_bucket;
    }

    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] Duration least() const { return least_; } // Duration::max() for none
    [[nodiscard]] Duration most() const { return most_; }   // Duration::min() for none

    // The value that a `share` (0..1) of all values do not exceed: the nearest-rank quantile, exact up to `few` values
    // and at both ends, otherwise the middle of its bucket, within 0.4 %. 0 for none.
    [[nodiscard]] Duration quantile(double share) const;

    // What it holds, ascending: a value (of a bucket: its middle) and how often.
    [[nodiscard]] std::vector<std::pair<Duration, std::uint64_t>> values() const;

    // Adds `times` values at once: how a histogram is read back from a file.
    void add(Duration value, std::uint64_t times);
    // Adds all that another one holds; its extremes stay exact.
    void add(const DurationHistogram& other);
    // Says what the extremes were, where the buckets' middles hide it: `least` and `most` within their buckets.
    void set_extremes(Duration least, Duration most);

    friend bool operator==(const DurationHistogram& a, const DurationHistogram& b) { return a.values() == b.values(); }

    static constexpr std::size_t few = 64; // so many are kept as they are

private:
    static constexpr unsigned part_bits = 7;
    static constexpr std::size_t parts = std::size_t{1} << part_bits;
    static constexpr std::uint32_t most_in_a_bucket = ~std::uint32_t{0};

    static std::size_t bucket_of(std::int64_t value) {
        const auto amount = static_cast<std::uint64_t>(value);
        const auto shift = static_cast<unsigned>(std::bit_width(amount | parts)) - part_bits - 1; // 0: below 256
        return shift * parts + static_cast<std::size_t>(amount >> shift);
    }
    static std::int64_t middle_of(std::size_t bucket);
    void count_in_bucket(std::int64_t value, std::uint64_t times);

    std::uint64_t count_ = 0;
    Duration least_ = Duration::max();
    Duration most_ = Duration::min();
    std::vector<std::int64_t> exact_;    // until there are more than `few`
    std::vector<std::uint32_t> buckets_; // then: the powers of two that came up and those between
    std::size_t first_bucket_ = 0;       // a multiple of `parts`
};

} // namespace switchyard
