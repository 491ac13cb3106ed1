// Memory for the buckets of the ladder: unsorted bags of event keys that grow and empty without allocating.
//
// A bucket is a chain of chunks of eight keys (two cache lines); the chunks of all buckets come from one pool, which is
// as large as it ever had to be. Keys of one bucket lie side by side, chunk by chunk, in the order they were added.
#pragma once

#include "sim/engine/event_key.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace switchyard::sim {

class EventBuckets {
public:
    static constexpr std::uint32_t chunk_keys = 8;

    struct Bucket {
        std::uint32_t first = 0; // meaningless while size is 0
        std::uint32_t last = 0;
        std::uint32_t size = 0;
    };

    void add(Bucket& bucket, EventKey key) {
        const std::uint32_t offset = bucket.size % chunk_keys;
        if (offset == 0) {
            const std::uint32_t chunk = acquire();
            if (bucket.size == 0) {
                bucket.first = chunk;
            } else {
                next_[bucket.last] = chunk;
            }
            bucket.last = chunk;
        }
        chunks_[bucket.last][offset] = key;
        ++bucket.size;
    }

    // Calls `visit(key)` for every key, in the order they were added.
    template <class Visit>
    void for_each(const Bucket& bucket, Visit visit) const {
        std::uint32_t chunk = bucket.first;
        for (std::uint32_t left = bucket.size; left > 0; chunk = next_[chunk]) {
            const std::uint32_t here = left < chunk_keys ? left : chunk_keys;
            if (left > here) { // chained chunks lie anywhere: the processor cannot guess the next
                __builtin_prefetch(&chunks_[next_[chunk]].front());
                __builtin_prefetch(&chunks_[next_[chunk]][chunk_keys / 2]);
            }
            for (std::uint32_t offset = 0; offset < here; ++offset) visit(chunks_[chunk][offset]);
            left -= here;
        }
    }

    // Empties the bucket, calling `visit(key)` for every key it held. `visit` may add to other buckets.
    template <class Visit>
    void drain(Bucket& bucket, Visit visit) {
        std::uint32_t chunk = bucket.first;
        std::uint32_t left = bucket.size;
        bucket = {};
        while (left > 0) {
            const std::uint32_t here = left < chunk_keys ? left : chunk_keys;
            const Chunk keys = chunks_[chunk]; // a copy: the pool may move, and this chunk is the next to be reused
            const std::uint32_t next = next_[chunk];
            release(chunk);
            for (std::uint32_t offset = 0; offset < here; ++offset) visit(keys[offset]);
            left -= here;
            chunk = next;
        }
    }

    [[nodiscard]] std::size_t memory() const {
        return chunks_.capacity() * sizeof(Chunk) + next_.capacity() * sizeof(std::uint32_t);
    }

private:
    using Chunk = std::array<EventKey, chunk_keys>;
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    std::uint32_t acquire() {
        if (first_free_ == none) return append();
        const std::uint32_t chunk = first_free_;
        first_free_ = next_[chunk];
        return chunk;
    }
    void release(std::uint32_t chunk) {
        next_[chunk] = first_free_;
        first_free_ = chunk;
    }
    std::uint32_t append();

    std::vector<Chunk> chunks_;
    std::vector<std::uint32_t> next_; // of a chunk in a bucket, or in the list of free ones
    std::uint32_t first_free_ = none;
};

} // namespace switchyard::sim
