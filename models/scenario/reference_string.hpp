// Which pages a `touch` references: the same ones in every executor, under every compiler.
//
// Everything is integers. Drawn patterns draw from the stream of (seed, task, instance, operation), so that what a task
// references depends on nobody else.
#pragma once

#include "models/random/draw.hpp"
#include "models/scenario/distribution.hpp"
#include "models/scenario/memory.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace switchyard {

// Weights of 0, 1, ... size - 1 in proportion to 1 / (k + 1)^skew, added up, for drawing by bisection: entry k is how
// many of `total` equally likely numbers belong to values up to and including k. Fixed point: each weight is off by at
// most 2^-40 of its value and one number. Precondition: 0 < size <= 2^31. 8 bytes an entry, some 0.3 us to make it.
class ZipfTable {
public:
    ZipfTable(std::uint32_t size, std::uint32_t skew_in_thousandths);

    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(cumulative_.size()); }
    [[nodiscard]] std::uint64_t total() const { return cumulative_.back(); }
    // The value that `number`, below `total`, belongs to.
    [[nodiscard]] std::uint32_t value_of(std::uint64_t number) const;
    [[nodiscard]] std::uint64_t weight(std::uint32_t value) const {
        return cumulative_[value] - (value == 0 ? 0 : cumulative_[value - 1]);
    }

private:
    std::vector<std::uint64_t> cumulative_;
};

// How many references `touch` makes to a range of that many bytes.
[[nodiscard]] std::uint64_t references_of(const Touch& touch, Bytes length, const MemoryOperands& operands,
                                          Bytes page = base_page);

// The pages one execution of a touch references, one after another, counted from the beginning of its range. Copies
// nothing and allocates nothing; the trace and the table must outlive it.
class ReferenceString {
public:
    // `length` is the range's, more than 0. `trace`: for that pattern; `zipf`: for that one, of the range's pages and
    // the touch's skew. `key.draw` is how often the instance has executed the operation before.
    ReferenceString(const Touch& touch, Bytes length, const DrawKey& key, std::span<const std::uint32_t> trace = {},
                    const ZipfTable* zipf = nullptr, Bytes page = base_page);

    // Whether there is another; which one it is. A trace's may lie behind the end of the range.
    [[nodiscard]] bool more() const { return made_ < count_; }
    [[nodiscard]] std::uint64_t next();

    // The next ones that go through neighbouring pages upwards, `most` > 0 of them at most: the first and how many.
    struct Run {
        std::uint64_t first;
        std::uint64_t pages;
    };
    [[nodiscard]] Run next_run(std::uint64_t most);

    [[nodiscard]] std::uint64_t count() const { return count_; } // all together

private:
    AccessPattern pattern_;
    std::uint64_t pages_;
    std::uint64_t page_;
    std::uint64_t length_;
    std::uint64_t stride_;
    std::uint64_t offset_ = 0;
    std::uint64_t count_;
    std::uint64_t made_ = 0;
    std::uint64_t working_set_ = 0; // pages
    std::uint64_t phase_length_ = 0;
    std::uint64_t phase_begin_ = 0;
    std::span<const std::uint32_t> trace_;
    const ZipfTable* zipf_;
    DrawStream stream_;
};

} // namespace switchyard
