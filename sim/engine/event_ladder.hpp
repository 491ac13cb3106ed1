// A ladder queue: sorts event keys as late and as little as possible, for O(1) amortised a key, however many pend.
//
// After Tang, Goh and Thng 2005, "Ladder queue: an O(1) priority queue structure for large-scale discrete event
// simulation", ACM TOMACS 15(3). Each rung divides a stretch of time into at most 1024 buckets of equal width. What is
// far off waits unsorted in a bucket of a coarse rung; when a bucket's turn comes and it holds more than a handful, a
// finer rung is hung below it; a bucket of a handful is sorted and handed over. Differences from the paper:
//   * widths are powers of two (a bucket is found by a shift), and a new rung fits exactly the keys there are, so that
//     outliers cost one further rung, not empty buckets;
//   * the paper's unbounded "top" is an ordinary rung of one bucket, and its "bottom" is not here: whoever owns the
//     ladder keeps what is earlier than the ladder's `horizon`.
// Each rung has a *frontier*: it takes keys from there up to the frontier of the rung above. The last one's is the
// horizon.
#pragma once

#include "sim/engine/event_buckets.hpp"
#include "sim/engine/event_key.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace switchyard::sim {

class EventLadder {
public:
    // The horizon of a ladder without rungs: one past the last instant there is.
    static constexpr std::uint64_t end_of_time = std::uint64_t{1} << 63U;

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }

    // Keys at this instant or later belong in the ladder.
    [[nodiscard]] std::uint64_t horizon() const { return horizon_; }

    // Lowers the horizon to `instant`. Returns false, and does nothing, when there are too many rungs already.
    bool extend_down_to(std::uint64_t instant);

    // Precondition: the key is not before the horizon. O(number of rungs), which is rarely above three.
    void push(EventKey key) {
        const Rung* rung = rungs_.data();
        while (key.instant() < rung->frontier) ++rung;
        buckets_.add(bucket_[rung->bucket_of(key.instant())], key);
        ++size_;
    }

    // Moves the earliest keys, at least one unless the ladder is empty, to the end of `run`, sorted, and raises the
    // horizon past them. When few keys are left, all of them go, and with them the rungs.
    void take_earliest(std::vector<EventKey>& run);

    // Calls `visit(key)` for most keys that `take_earliest` will take next, in no order.
    template <class Visit>
    void for_each_upcoming(Visit visit) const {
        if (depth_ == 0) return;
        const Rung& rung = rungs_[depth_ - 1];
        std::size_t visited = 0;
        for (std::size_t next = rung.current; next < rung.count && visited < enough_for_a_run; ++next) {
            const EventBuckets::Bucket& bucket = bucket_[rung.first_bucket + next];
            if (bucket.size > sort_at_most) return;
            buckets_.for_each(bucket, visit);
            visited += bucket.size;
        }
    }

    // Drops the keys `keep` is false for. O(size and buckets).
    template <class Keep>
    void filter(Keep keep) {
        size_ = 0;
        for (EventBuckets::Bucket& bucket : std::span(bucket_).first(used_buckets())) {
            EventBuckets::Bucket kept;
            buckets_.drain(bucket, [&](EventKey key) {
                if (keep(key)) buckets_.add(kept, key);
            });
            bucket = kept;
            size_ += kept.size;
        }
    }

    // Moves all keys to the end of `keys`, in no order, and takes down the rungs.
    void drain(std::vector<EventKey>& keys);

    [[nodiscard]] std::size_t memory() const;

private:
    static constexpr std::size_t fan_out = 1024;
    static constexpr std::size_t max_rungs = 32;
    static constexpr std::size_t sort_at_most = 48;     // a bucket of more is divided further, if it can be
    static constexpr std::size_t enough_for_a_run = 16; // small buckets are handed over together until they hold this
    static constexpr std::size_t not_worth_a_ladder = 64;

    struct Rung {
        std::uint64_t frontier = 0; // takes keys from here ...
        std::uint64_t end = 0;      // ... up to here
        std::uint64_t start = 0;    // where bucket 0 begins
        unsigned shift = 0;         // a bucket is 2^shift ps wide
        std::size_t first_bucket = 0;
        std::size_t count = 0;
        std::size_t current = 0; // buckets before this one are over, and empty

        [[nodiscard]] std::size_t bucket_of(std::uint64_t instant) const {
            return first_bucket + static_cast<std::size_t>((instant - start) >> shift);
        }
        [[nodiscard]] std::uint64_t end_of_current() const {
            return current + 1 == count ? end : start + (std::uint64_t{current + 1} << shift);
        }
    };

    [[nodiscard]] std::size_t used_buckets() const {
        return depth_ == 0 ? 0 : rungs_[depth_ - 1].first_bucket + rungs_[depth_ - 1].count;
    }
    Rung& add_rung(std::uint64_t start, std::uint64_t end, unsigned shift, std::size_t count);
    void remove_rung();
    void set_frontier(Rung& rung, std::uint64_t instant);
    void divide(Rung& rung, EventBuckets::Bucket& bucket, std::vector<EventKey>& run);

    EventBuckets buckets_;
    std::vector<EventBuckets::Bucket> bucket_; // of all rungs, one rung after the other
    std::array<Rung, max_rungs> rungs_;
    std::size_t depth_ = 0;
    std::size_t size_ = 0;
    std::uint64_t horizon_ = end_of_time;
};

} // namespace switchyard::sim
