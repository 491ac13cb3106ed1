// SHARDS: LRU's miss-ratio curve from a sample of the pages, chosen by a hash of their numbers, so that of a page all
// references are in it or none (Waldspurger et al. 2015, "Efficient MRC Construction with SHARDS", FAST). A depth in
// the sample is one in the whole divided by the rate. References are counted as if the sample had had its expected
// share of them, the difference being given to the smallest depth (SHARDS-adj).
#pragma once

#include "sim/memory/miss_ratio/stack_distance.hpp"

#include <cstdint>
#include <queue>
#include <span>
#include <vector>

namespace switchyard::sim::miss_ratio {

class SampledCurve {
public:
    // A share of the pages, more than 0 and at most 1.
    explicit SampledCurve(double rate);
    // So many pages at most: the rate, at first 1, falls as more are met, and what was counted counts the less.
    static SampledCurve of_pages(std::uint32_t most_pages);

    void play(std::span<const std::uint64_t> references);

    struct Point {
        double frames = 0;
        double miss_ratio = 0;
    };
    // Falling from (0, 1).
    [[nodiscard]] std::vector<Point> curve() const;
    // The share of pages sampled now.
    [[nodiscard]] double rate() const;
    [[nodiscard]] std::uint64_t references() const { return references_; }
    [[nodiscard]] std::uint64_t sampled() const { return sampled_; }

private:
    static constexpr std::uint32_t whole = 1U << 24; // of the hash's values
    static std::uint32_t hash(std::uint64_t page);
    void count(Depth depth);
    void lower_threshold();

    std::uint32_t threshold_ = whole; // pages whose hash is less are sampled
    std::uint32_t most_pages_ = 0;    // 0: no bound
    RecencyStack stack_;
    std::priority_queue<std::pair<std::uint32_t, std::uint64_t>> by_hash_; // the pages sampled, where they are bounded
    // By depth, in the whole: how many references of the sample, at the rate there is now. In buckets, so that as the
    // rate falls depths of a thousand pages and of a million are kept as exactly as they are known.
    std::vector<double> counts_;
    double first_references_ = 0;
    std::uint64_t references_ = 0;
    std::uint64_t sampled_ = 0;
};

} // namespace switchyard::sim::miss_ratio
