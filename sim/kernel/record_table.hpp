// Records by id, where ids are given out one after the other and never again, and most of what they stand for does not
// last: a server's requests, each a task. Records lie in blocks. A block all of whose records are over is used again
// for later ones, and what is read of the earlier from then on is one record that says no more than that they are over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace switchyard::sim {

template <class Record>
class RecordTable {
public:
    // What is read of those whose records are used again.
    explicit RecordTable(const Record& over) : over_(std::make_unique<Record[]>(in_a_block)) {
        for (std::size_t i = 0; i < in_a_block; ++i) over_[i] = over;
    }

    // Ids given out: from 0.
    [[nodiscard]] std::size_t size() const { return size_; }

    // Valid until the block is used again; does not move before.
    [[nodiscard]] Record& operator[](std::uint32_t id) { return blocks_[id / in_a_block][id % in_a_block]; }
    [[nodiscard]] const Record& operator[](std::uint32_t id) const { return blocks_[id / in_a_block][id % in_a_block]; }

    // Brings a record into the cache that is about to be asked for; nothing where there is no such id.
    void prefetch(std::uint32_t id) const {
        if (id >= size_) return;
        const char* const record = reinterpret_cast<const char*>(&(*this)[id]);
        for (std::size_t at = 0; at < sizeof(Record); at += cache_line) __builtin_prefetch(record + at, 1);
        asm volatile(""); // GCC 12 takes a function that only prefetches for one without effect, and drops its calls
    }

    // The next id's. Allocates where no block is left to be used again.
    void push_back(Record record) {
        if (size_ % in_a_block == 0) add_block();
        (*this)[static_cast<std::uint32_t>(size_++)] = std::move(record);
    }

    // The record is over, once and for all; it can be read until `reuse_retired`.
    void retire(std::uint32_t id) {
        if (++retired_[id / in_a_block] == in_a_block) to_reuse_.push_back(id / in_a_block);
    }

    // Nobody is at reading what was retired.
    void reuse_retired() {
        for (const std::uint32_t block : to_reuse_) free_.push_back(std::exchange(blocks_[block], over_.get()));
        to_reuse_.clear();
    }
    [[nodiscard]] bool has_retired() const { return !to_reuse_.empty(); }

private:
    static constexpr std::uint32_t in_a_block = 64;
    static constexpr std::size_t cache_line = 64;

    void add_block() {
        if (free_.empty()) {
            owned_.push_back(std::make_unique<Record[]>(in_a_block));
            free_.push_back(owned_.back().get());
        }
        blocks_.push_back(free_.back());
        free_.pop_back();
        retired_.push_back(0);
    }

    std::vector<Record*> blocks_;         // by id / in_a_block
    std::vector<std::uint8_t> retired_;   // likewise: how many of them are over
    std::vector<std::uint32_t> to_reuse_; // blocks
    std::vector<Record*> free_;
    std::vector<std::unique_ptr<Record[]>> owned_;
    std::unique_ptr<Record[]> over_;
    std::size_t size_ = 0;
};

} // namespace switchyard::sim
