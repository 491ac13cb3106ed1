// Allocation from a list of free blocks: first, best, worst and next fit (Knuth, volume 1, 2.5; Wilson et al. 1995,
// "Dynamic Storage Allocation: A Survey and Critical Review"). The list is searched from its beginning, so an
// allocation costs what the algorithms as published cost, O(free blocks); next fit goes on where it found the last
// block. A block that is larger is split, and its rest stays at its place in the list.
#pragma once

#include "sim/memory/allocators/fragmentation.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace switchyard::sim {

enum class Fit : std::uint8_t {
    first, // in the list
    best,  // the smallest that is large enough, the first of equals
    worst, // the largest, the first of equals
    next,  // the first from where the last one was found on, round to the beginning
};
// Where a block comes that is given back. Sorting is stable, and happens when blocks are given back.
enum class FreeListOrder : std::uint8_t { address, smallest_first, largest_first, front, back };
enum class Coalescing : std::uint8_t {
    none,
    list_neighbours, // a block with the next in the list, where that begins at its end: all touching ones by address
    complete,        // all that touch, whatever the order, as boundary tags allow
};

struct FreeListRules {
    Fit fit = Fit::first;
    FreeListOrder order = FreeListOrder::address;
    Coalescing coalescing = Coalescing::list_neighbours;
    std::uint64_t header = 0;    // bytes before each allocated block
    std::uint64_t alignment = 1; // sizes are rounded up to a multiple of it before the header is added
};

struct FreeBlock {
    std::uint64_t address = 0;
    std::uint64_t size = 0; // bytes
    friend bool operator==(const FreeBlock&, const FreeBlock&) = default;
};

class FreeListAllocator {
public:
    // Throws InputError for an alignment of 0.
    FreeListAllocator(std::uint64_t base, std::uint64_t size, const FreeListRules& rules);

    struct Allocation {
        std::optional<std::uint64_t> address; // behind the header; none where no block is large enough
        std::uint64_t searched = 0;           // blocks that were looked at
    };
    Allocation allocate(std::uint64_t size);
    // False, and nothing happens, for an address that is not allocated.
    bool free(std::uint64_t address);

    [[nodiscard]] const std::vector<FreeBlock>& free_list() const { return list_; }
    [[nodiscard]] Fragmentation fragmentation() const;

private:
    struct Taken {
        std::uint64_t size;      // with the header
        std::uint64_t requested; // as asked for
    };
    void insert(FreeBlock block);
    void merge_list_neighbours();
    void merge_with_all(FreeBlock& block);

    FreeListRules rules_;
    std::vector<FreeBlock> list_;
    std::map<std::uint64_t, Taken> taken_; // by the address of the header
    std::uint64_t rover_ = 0;              // next fit: the address to go on from
    std::uint64_t requested_ = 0;
    std::uint64_t taken_bytes_ = 0;
};

} // namespace switchyard::sim
