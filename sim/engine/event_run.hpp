// Event keys already in order: taken from the front, appended at the back, both O(1).
//
// Two things come in order by themselves: the keys that leave the ladder, and the keys of models that schedule ever
// later (a thousand clocks of one period; everything that happens "now"). Neither has to pay for a heap.
#pragma once

#include "sim/engine/event_key.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace switchyard::sim {

class EventRun {
public:
    [[nodiscard]] bool empty() const { return head_ == keys_.size(); }
    [[nodiscard]] std::size_t size() const { return keys_.size() - head_; }
    [[nodiscard]] EventKey front() const { return keys_[head_]; }
    [[nodiscard]] std::span<const EventKey> keys() const { return std::span(keys_).subspan(head_); }

    // Whether `key` may be appended: whether it is later than all that are here.
    [[nodiscard]] bool continued_by(EventKey key) const { return empty() || keys_.back() < key; }

    void append(EventKey key) {
        if (keys_.size() == keys_.capacity()) make_room();
        keys_.push_back(key);
    }

    void pop_front() {
        if (++head_ == keys_.size()) clear();
    }

    void clear() {
        keys_.clear();
        head_ = 0;
    }

    // Drops the keys `keep` is false for.
    template <class Keep>
    void filter(Keep keep) {
        std::size_t kept = 0;
        for (std::size_t place = head_; place < keys_.size(); ++place) {
            if (keep(keys_[place])) keys_[kept++] = keys_[place];
        }
        keys_.resize(kept);
        head_ = 0;
    }

    // Lets `fill(keys)` put keys, in order, into a run that is empty.
    template <class Fill>
    void refill(Fill fill) {
        clear();
        fill(keys_);
    }

    [[nodiscard]] std::size_t memory() const { return keys_.capacity() * sizeof(EventKey); }

private:
    // Reuses what was taken from the front, if that is half of it; else the vector grows. Amortised O(1) either way.
    void make_room() {
        if (head_ * 2 < keys_.size() || head_ == 0) {
            keys_.reserve(keys_.size() + keys_.size() / 4 + 32);
            return;
        }
        keys_.erase(keys_.begin(), keys_.begin() + static_cast<std::ptrdiff_t>(head_));
        head_ = 0;
    }

    std::vector<EventKey> keys_;
    std::size_t head_ = 0;
};

} // namespace switchyard::sim
