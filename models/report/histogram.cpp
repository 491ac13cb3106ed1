#include "models/report/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace switchyard {

std::int64_t DurationHistogram::middle_of(std::size_t bucket) {
    const std::size_t octave = bucket / parts;
    if (octave == 0) return static_cast<std::int64_t>(bucket);
    const std::uint64_t low = (parts + bucket % parts) << (octave - 1);
    return static_cast<std::int64_t>(low + ((std::uint64_t{1} << (octave - 1)) >> 1U));
}

void DurationHistogram::count_in_bucket(std::int64_t value, std::uint64_t times) {
    const std::size_t bucket = bucket_of(value);
    const std::size_t octave_start = bucket / parts * parts;
    if (buckets_.empty()) first_bucket_ = octave_start;
    if (bucket < first_bucket_) {
        buckets_.insert(buckets_.begin(), first_bucket_ - octave_start, 0);
        first_bucket_ = octave_start;
    }
    if (bucket - first_bucket_ >= buckets_.size()) buckets_.resize(octave_start + parts - first_bucket_);
    std::uint32_t& counted = buckets_[bucket - first_bucket_];
    counted = static_cast<std::uint32_t>(std::min<std::uint64_t>(counted + times, most_in_a_bucket));
}

void DurationHistogram::add(Duration value, std::uint64_t times) {
    if (times == 0) return;
    least_ = std::min(least_, value);
    most_ = std::max(most_, value);
    count_ += times;
    if (buckets_.empty() && count_ <= few) {
        exact_.insert(exact_.end(), times, value.count());
        return;
    }
    for (const std::int64_t one : exact_) count_in_bucket(one, 1);
    exact_ = {};
    count_in_bucket(value.count(), times);
}

void DurationHistogram::add(const DurationHistogram& other) {
    if (other.empty()) return;
    const Duration least = std::min(least_, other.least_);
    const Duration most = std::max(most_, other.most_);
    for (const auto& [value, times] : other.values()) add(value, times);
    set_extremes(least, most);
}

void DurationHistogram::set_extremes(Duration least, Duration most) {
    least_ = least;
    most_ = most;
}

Duration DurationHistogram::quantile(double share) const {
    if (count_ == 0) return Duration{};
    const double position = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(count_));
    const std::uint64_t rank = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(position), 1, count_);
    if (rank == 1) return least_;
    if (rank == count_) return most_;
    std::uint64_t seen = 0;
    for (const auto& [value, times] : values())
        if ((seen += times) >= rank) return std::clamp(value, least_, most_);
    return most_;
}

std::vector<std::pair<Duration, std::uint64_t>> DurationHistogram::values() const {
    std::vector<std::pair<Duration, std::uint64_t>> all;
    std::vector<std::int64_t> sorted = exact_;
    std::ranges::sort(sorted);
    for (const std::int64_t value : sorted) {
        if (all.empty() || all.back().first != Duration{value}) all.emplace_back(Duration{value}, 0);
        ++all.back().second;
    }
    for (std::size_t place = 0; place < buckets_.size(); ++place)
        if (buckets_[place] > 0) all.emplace_back(Duration{middle_of(first_bucket_ + place)}, buckets_[place]);
    return all;
}

} // namespace switchyard
