#include "sim/engine/event_ladder.hpp"

#include <algorithm>
#include <bit>

namespace switchyard::sim {
namespace {

// Sorts the keys from `first` on. Buckets are small, and those of one instant are in order already.
void sort_from(std::vector<EventKey>& keys, std::size_t first, std::size_t small) {
    const auto begin = keys.begin() + static_cast<std::ptrdiff_t>(first);
    if (keys.size() - first > small) {
        if (!std::is_sorted(begin, keys.end())) std::sort(begin, keys.end());
        return;
    }
    for (std::size_t next = first + 1; next < keys.size(); ++next) {
        const EventKey key = keys[next];
        std::size_t place = next;
        for (; place > first && key < keys[place - 1]; --place) keys[place] = keys[place - 1];
        keys[place] = key;
    }
}

} // namespace

EventLadder::Rung& EventLadder::add_rung(std::uint64_t start, std::uint64_t end, unsigned shift, std::size_t count) {
    const std::size_t first_bucket = used_buckets();
    if (bucket_.size() < first_bucket + count) bucket_.resize(first_bucket + count);
    Rung& rung = rungs_[depth_++];
    rung = {.frontier = start,
            .end = end,
            .start = start,
            .shift = shift,
            .first_bucket = first_bucket,
            .count = count,
            .current = 0};
    horizon_ = start;
    return rung;
}

void EventLadder::remove_rung() {
    --depth_;
    horizon_ = depth_ == 0 ? end_of_time : rungs_[depth_ - 1].frontier;
}

void EventLadder::set_frontier(Rung& rung, std::uint64_t instant) {
    rung.frontier = instant;
    horizon_ = instant;
}

bool EventLadder::extend_down_to(std::uint64_t instant) {
    if (depth_ > 0 && rungs_[depth_ - 1].count == 1) { // one bucket: it is simply made wider
        set_frontier(rungs_[depth_ - 1], instant);
        rungs_[depth_ - 1].current = 0;
        return true;
    }
    if (depth_ + 1 >= max_rungs) return false;
    add_rung(0, horizon_, 63, 1).frontier = instant;
    horizon_ = instant;
    return true;
}

void EventLadder::take_earliest(std::vector<EventKey>& run) {
    if (size_ <= not_worth_a_ladder) {
        const std::size_t first = run.size();
        drain(run);
        sort_from(run, first, sort_at_most);
        return;
    }
    const std::size_t taken_before = run.size();
    while (run.size() - taken_before < enough_for_a_run && size_ > 0) {
        Rung& rung = rungs_[depth_ - 1];
        std::size_t next = rung.current;
        while (next < rung.count && bucket_[rung.first_bucket + next].size == 0) ++next;
        if (next == rung.count) {
            remove_rung();
            continue;
        }
        EventBuckets::Bucket& bucket = bucket_[rung.first_bucket + next];
        const bool large = bucket.size > sort_at_most;
        if (large && run.size() > taken_before) break; // divide it when the run is used up: it may have changed by then
        rung.current = next; // only now: keys may come into the empty buckets as long as the frontier lies before them
        if (large) {
            divide(rung, bucket, run);
            continue;
        }
        const std::size_t first = run.size();
        size_ -= bucket.size;
        buckets_.drain(bucket, [&](EventKey key) { run.push_back(key); });
        sort_from(run, first, sort_at_most);
        set_frontier(rung, rung.end_of_current());
        ++rung.current;
    }
}

// Hangs a finer rung below the bucket; or, if all its keys are of one instant, hands them over.
void EventLadder::divide(Rung& rung, EventBuckets::Bucket& bucket, std::vector<EventKey>& run) {
    std::uint64_t earliest = end_of_time;
    std::uint64_t latest = 0;
    buckets_.for_each(bucket, [&](EventKey key) {
        earliest = std::min(earliest, key.instant());
        latest = std::max(latest, key.instant());
    });
    // What comes later than the latest goes to this bucket again, whose turn is not over.
    set_frontier(rung, latest + 1);
    if (earliest == latest || depth_ == max_rungs) {
        const std::size_t first = run.size();
        size_ -= bucket.size;
        buckets_.drain(bucket, [&](EventKey key) { run.push_back(key); });
        sort_from(run, first, sort_at_most);
        return;
    }
    const std::uint64_t span = latest - earliest;
    const std::uint64_t wanted = std::min<std::uint64_t>(bucket.size / 4, fan_out);
    unsigned shift = static_cast<unsigned>(std::bit_width(span / wanted));
    while (shift > 0 && (span >> (shift - 1)) < wanted) --shift;
    EventBuckets::Bucket all = bucket;
    bucket = {};
    Rung& finer = add_rung(earliest, latest + 1, shift, static_cast<std::size_t>(span >> shift) + 1);
    buckets_.drain(all, [&](EventKey key) { buckets_.add(bucket_[finer.bucket_of(key.instant())], key); });
}

void EventLadder::drain(std::vector<EventKey>& keys) {
    for (std::size_t index = 0; index < used_buckets(); ++index) {
        buckets_.drain(bucket_[index], [&](EventKey key) { keys.push_back(key); });
    }
    size_ = 0;
    depth_ = 0;
    horizon_ = end_of_time;
}

std::size_t EventLadder::memory() const {
    return buckets_.memory() + bucket_.capacity() * sizeof(EventBuckets::Bucket);
}

} // namespace switchyard::sim
