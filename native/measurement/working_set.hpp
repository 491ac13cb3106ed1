// Going over a working set, line by line: what `compute` over a region does, and what refilling a cache is measured by.
//
// Each load waits for the one before, and in an order that no prefetcher foresees: all lines once, as a permutation,
// before any comes again. So a line that is not cached costs what the processor waits for it. A program that goes
// through its memory in order waits for next to nothing, whatever was displaced: on the reference machine 1 ns a line
// more instead of 15 to 29.
//
// The permutation is x ^ (x >> h) of a linear congruential generator's x of period 2^k >= lines (Hull and Dobell 1962:
// the multiplier is 1 modulo 4, the increment odd); what is no line is passed over.
#pragma once

#include <cstddef>
#include <cstdint>

namespace switchyard::native {

inline constexpr std::uint64_t cache_line_bytes = 64;

class WorkingSetWalk {
public:
    // Over so many bytes, the last line of which may be a part of one. `begin` is read, never written.
    WorkingSetWalk(const std::byte* begin, std::uint64_t bytes);

    [[nodiscard]] const std::byte* begin() const { return begin_; }
    [[nodiscard]] std::uint64_t lines() const { return lines_; }
    [[nodiscard]] std::uint64_t next_line() const { return line_of(state_); }

    // Where it has come to, for another walk to go on from there.
    [[nodiscard]] std::uint64_t state() const { return state_; }
    void go_on_from(std::uint64_t state);

    // Loads so many lines, one after the other.
    void over(std::uint64_t lines);

private:
    [[nodiscard]] std::uint64_t line_of(std::uint64_t state) const { return state ^ (state >> shift_); }

    const std::byte* begin_;
    std::uint64_t lines_;
    std::uint64_t mask_;
    unsigned shift_;
    std::uint64_t state_ = 0; // of a line there is
};

} // namespace switchyard::native
