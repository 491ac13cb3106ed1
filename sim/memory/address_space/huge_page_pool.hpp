// Explicit huge pages (Linux: hugetlb, mm/hugetlb.c of 6.18): those of one size that were set aside as the machine
// started (vm.nr_hugepages), apart from its other frames. They are only for mappings that ask for them, are never split
// and never swapped out.
//
// A mapping reserves its pages when it is made, so that its faults cannot fail; whoever has no reservation (a fork's
// child, a mapping made without) has what is free beyond what is reserved, and a bus error where that is nothing.
#pragma once

#include "sim/memory/address_space/entry.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <vector>

namespace switchyard::sim::memory {

inline constexpr unsigned huge_page_levels = 2; // a page table's level, from 1: 2 MiB; 2: 1 GiB

struct HugePage {
    std::uint32_t maps = 0;                       // entries that map it
    bool restores_reservation = false;            // whoever had reserved it may want one again once it is free
    std::map<PageNumber, std::uint64_t> contents; // by page of 4 KiB within it, of those ever written
};

class HugePagePool {
public:
    explicit HugePagePool(std::uint32_t pages = 0);

    [[nodiscard]] HugePage& operator[](std::uint32_t page) { return pages_[page]; }
    [[nodiscard]] std::uint32_t pages() const { return static_cast<std::uint32_t>(pages_.size()); }
    [[nodiscard]] std::uint32_t free() const { return static_cast<std::uint32_t>(free_.size()); }
    [[nodiscard]] std::int64_t reserved() const { return reserved_; } // of the free ones
    [[nodiscard]] std::int64_t available() const { return std::int64_t{free()} - reserved_; }

    [[nodiscard]] bool reserve(std::uint64_t pages); // false: there are not so many
    void release(std::uint64_t pages) { reserved_ -= static_cast<std::int64_t>(pages); }
    // A page of zeros; no_frame: there is none. One that was reserved, or one beyond those.
    [[nodiscard]] std::uint32_t take(bool was_reserved);
    void give_back(std::uint32_t page); // nobody maps it

private:
    std::vector<HugePage> pages_;
    std::vector<std::uint32_t> free_;
    std::int64_t reserved_ = 0; // as in Linux, less than none while a page that others still map is to restore one
};

} // namespace switchyard::sim::memory
