#include "sim/memory/miss_ratio/sampling.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>

namespace switchyard::sim::miss_ratio {

namespace {

// Depths to a part in 64: exact below 128, then 64 buckets from one power of two to the next.
constexpr unsigned exact_bits = 7;
std::size_t bucket_of(std::uint64_t depth) {
    const auto bits = static_cast<unsigned>(std::bit_width(depth));
    if (bits <= exact_bits) return depth;
    const unsigned shift = bits - exact_bits;
    return (std::size_t{shift} << (exact_bits - 1)) + (depth >> shift);
}
// The greatest depth in it.
std::uint64_t greatest_of(std::size_t bucket) {
    constexpr std::size_t half = std::size_t{1} << (exact_bits - 1);
    if (bucket < 2 * half) return bucket;
    const std::size_t shift = bucket / half - 1;
    return ((bucket - (shift << (exact_bits - 1)) + 1) << shift) - 1;
}

} // namespace

SampledCurve::SampledCurve(double rate)
    : threshold_(std::clamp(static_cast<std::uint32_t>(std::lround(rate * whole)), 1U, whole)) {
    assert(rate > 0 && rate <= 1);
}

SampledCurve SampledCurve::of_pages(std::uint32_t most_pages) {
    SampledCurve curve(1.0);
    curve.most_pages_ = std::max(most_pages, 1U);
    return curve;
}

double SampledCurve::rate() const { return static_cast<double>(threshold_) / whole; }

// The finalizer of MurmurHash3 (Appleby): every bit of the page's number counts.
std::uint32_t SampledCurve::hash(std::uint64_t page) {
    page ^= page >> 33;
    page *= 0xff51afd7ed558ccd;
    page ^= page >> 33;
    page *= 0xc4ceb9fe1a85ec53;
    page ^= page >> 33;
    return static_cast<std::uint32_t>(page % whole);
}

void SampledCurve::count(Depth depth) {
    ++sampled_;
    if (depth == 0) {
        first_references_ += 1;
        return;
    }
    const std::size_t bucket = bucket_of(std::uint64_t{depth} * whole / threshold_);
    if (bucket >= counts_.size()) counts_.resize(bucket + 1);
    counts_[bucket] += 1;
}

// The pages with the greatest hash leave the sample; what was counted at the old rate is weighed by the new one.
void SampledCurve::lower_threshold() {
    const std::uint32_t old = threshold_;
    threshold_ = by_hash_.top().first;
    while (!by_hash_.empty() && by_hash_.top().first >= threshold_) {
        stack_.remove(by_hash_.top().second);
        by_hash_.pop();
    }
    const double factor = static_cast<double>(threshold_) / old;
    for (double& one : counts_) one *= factor;
    first_references_ *= factor;
}

void SampledCurve::play(std::span<const std::uint64_t> references) {
    references_ += references.size();
    for (const std::uint64_t page : references) {
        const std::uint32_t hashed = hash(page);
        if (hashed >= threshold_) continue;
        const Depth depth = stack_.reference(page);
        count(depth);
        if (depth != 0 || most_pages_ == 0) continue;
        by_hash_.emplace(hashed, page);
        if (by_hash_.size() > most_pages_ && by_hash_.top().first > 0) lower_threshold();
    }
}

std::vector<SampledCurve::Point> SampledCurve::curve() const {
    const double expected = static_cast<double>(references_) * rate();
    double counted = first_references_;
    for (const double one : counts_) counted += one;
    std::vector<Point> points{{0, references_ > 0 ? 1.0 : 0.0}};
    double left = counted; // the smallest depth takes the difference to what was expected
    if (expected <= 0) return points;
    for (std::size_t bucket = 1; bucket < counts_.size(); ++bucket) {
        if (counts_[bucket] == 0) continue;
        left -= counts_[bucket];
        points.push_back({static_cast<double>(greatest_of(bucket)), std::clamp(left / expected, 0.0, 1.0)});
    }
    return points;
}

} // namespace switchyard::sim::miss_ratio
