// Working sets of a process (Denning, The working set model for program behavior, 1968): the pages it referenced within
// its last so many references, looked at each time so many have gone by. Pages that have left memory meanwhile count,
// so that what a process needs can be told from what it has.
#pragma once

#include "sim/memory/address_space/entry.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>

namespace switchyard::sim::memory {

class WorkingSetMeter {
public:
    explicit WorkingSetMeter(std::uint32_t window) : window_(window) {}

    // References to the pages first, first + 1, ..., one each.
    void reference(PageNumber first, PageNumber pages);

    // In pages, over all windows that are complete; while none is, of the references so far. Rounded down.
    [[nodiscard]] std::uint64_t mean() const { return windows_ == 0 ? distinct_ : sum_ / windows_; }
    [[nodiscard]] std::uint64_t most() const { return windows_ == 0 ? distinct_ : most_; }

private:
    static constexpr unsigned chunk_bits = 9;
    using Chunk = std::array<std::uint64_t, 1 << chunk_bits>; // in which window a page was last referenced
    std::uint64_t& last_window_of(PageNumber page);

    std::uint32_t window_;
    std::uint32_t in_window_ = 0; // references
    std::uint64_t distinct_ = 0;  // pages referenced in it
    std::uint64_t now_ = 1;       // the window's number
    std::uint64_t windows_ = 0;
    std::uint64_t sum_ = 0;
    std::uint64_t most_ = 0;
    std::unordered_map<PageNumber, std::unique_ptr<Chunk>> chunks_; // never gone through in order
    PageNumber recent_number_ = ~PageNumber{0};
    Chunk* recent_ = nullptr;
};

} // namespace switchyard::sim::memory
