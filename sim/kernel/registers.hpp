// Where tasks keep their registers: little arrays of numbers, handed out and taken back by size, so that tasks that
// come and go allocate nothing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace switchyard::sim {

class RegisterPool {
public:
    // So many, all 0; nullptr for none.
    [[nodiscard]] std::int64_t* take(std::size_t count) {
        if (count == 0) return nullptr;
        if (count >= free_.size()) free_.resize(count + 1, nullptr);
        std::int64_t* const registers = free_[count] ? std::exchange(free_[count], next_of(free_[count])) : cut(count);
        std::fill_n(registers, count, 0);
        return registers;
    }

    void give_back(std::int64_t* registers, std::size_t count) {
        if (registers == nullptr) return;
        next_of(registers) = free_[count];
        free_[count] = registers;
    }

private:
    static constexpr std::size_t block = 8192; // registers

    static std::int64_t*& next_of(std::int64_t* registers) { return *reinterpret_cast<std::int64_t**>(registers); }

    // From the block in use, or from a new one.
    std::int64_t* cut(std::size_t count) {
        if (count > left_) {
            left_ = std::max(count, block);
            blocks_.push_back(std::make_unique<std::int64_t[]>(left_));
            next_ = blocks_.back().get();
        }
        left_ -= count;
        return std::exchange(next_, next_ + count);
    }

    std::vector<std::unique_ptr<std::int64_t[]>> blocks_;
    std::int64_t* next_ = nullptr;
    std::size_t left_ = 0;
    std::vector<std::int64_t*> free_; // by size: the latest given back, which begins with where the next one is
};

} // namespace switchyard::sim
