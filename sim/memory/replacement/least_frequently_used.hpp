// Least frequently used: the page goes that was referenced least often since it came; of several the one that got to
// that count first. Counts end with residence. O(1) by a list of pages per count (Shah, Mitra, Matani 2010, "An O(1)
// algorithm for implementing the LFU cache eviction scheme").
#pragma once

#include "sim/memory/replacement/policy_base.hpp"

namespace switchyard::sim::replacement {

template <class Index>
class LeastFrequentlyUsed : public PolicyBase<Index> {
public:
    using typename PolicyBase<Index>::Page;
    using PolicyBase<Index>::index;

    explicit LeastFrequentlyUsed(const Options& options) : PolicyBase<Index>(options), nodes_(options.frames) {
        buckets_.push_back({.count = 0, .lower = 0, .higher = 0}); // the end of the ring of buckets
    }

    void hit(Slot slot) {
        const std::uint32_t old = nodes_[slot].bucket;
        const std::uint64_t count = buckets_[old].count + 1;
        const std::uint32_t higher = buckets_[old].higher;
        const std::uint32_t next = higher != 0 && buckets_[higher].count == count ? higher : bucket_above(old, count);
        take_out(slot);
        append(slot, next);
    }
    void insert(Page page, Slot) {
        const std::uint32_t lowest = buckets_[0].higher;
        const Slot slot = index.add(page);
        nodes_.at(slot) = {};
        append(slot, lowest != 0 && buckets_[lowest].count == 1 ? lowest : bucket_above(0, 1));
        ++size_;
    }
    Page evict() {
        const Slot slot = buckets_[buckets_[0].higher].first;
        const Page page = index.page(slot);
        remove(slot);
        return page;
    }
    void remove(Slot slot) {
        take_out(slot);
        index.remove(slot);
        --size_;
    }
    [[nodiscard]] std::uint32_t size() const { return size_; }
    void prefetch(Slot slot) const { nodes_.prefetch(slot); }

private:
    struct Node {
        Slot before = no_slot; // in the bucket, got there earlier
        Slot behind = no_slot;
        std::uint32_t bucket = 0;
    };
    struct Bucket {
        std::uint64_t count = 0;
        std::uint32_t lower = 0; // buckets; 0 is the end
        std::uint32_t higher = 0;
        Slot first = no_slot;
        Slot last = no_slot;
    };

    std::uint32_t bucket_above(std::uint32_t lower, std::uint64_t count) {
        std::uint32_t added = 0;
        if (unused_.empty()) {
            added = static_cast<std::uint32_t>(buckets_.size());
            buckets_.emplace_back();
        } else {
            added = unused_.back();
            unused_.pop_back();
        }
        const std::uint32_t higher = buckets_[lower].higher;
        buckets_[added] = {.count = count, .lower = lower, .higher = higher};
        buckets_[lower].higher = buckets_[higher].lower = added;
        return added;
    }
    void append(Slot slot, std::uint32_t to) {
        Bucket& bucket = buckets_[to];
        nodes_[slot] = {bucket.last, no_slot, to};
        (bucket.last == no_slot ? bucket.first : nodes_[bucket.last].behind) = slot;
        bucket.last = slot;
    }
    void take_out(Slot slot) {
        const Node node = nodes_[slot];
        Bucket& bucket = buckets_[node.bucket];
        (node.before == no_slot ? bucket.first : nodes_[node.before].behind) = node.behind;
        (node.behind == no_slot ? bucket.last : nodes_[node.behind].before) = node.before;
        if (bucket.first != no_slot) return;
        buckets_[bucket.lower].higher = bucket.higher;
        buckets_[bucket.higher].lower = bucket.lower;
        unused_.push_back(node.bucket);
    }

    BySlot<Node> nodes_;
    std::vector<Bucket> buckets_; // that hold pages, in a ring by count; and the unused
    std::vector<std::uint32_t> unused_;
    std::uint32_t size_ = 0;
};

} // namespace switchyard::sim::replacement
