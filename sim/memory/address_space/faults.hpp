// What references to memory led to: faults by kind, and what the kernel had to do for them. No time: the costs of a
// machine turn these counts into time.
#pragma once

#include "models/report/violation.hpp"
#include "models/trace/fault_kind.hpp"
#include "sim/memory/address_space/entry.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace switchyard::sim::memory {

enum class Access : std::uint8_t { none = 0, read = 1, write = 2, execute = 4 };

constexpr Access operator|(Access a, Access b) {
    return static_cast<Access>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr bool allows(Access permitted, Access wanted) {
    return (static_cast<unsigned>(permitted) & static_cast<unsigned>(wanted)) == static_cast<unsigned>(wanted);
}

using switchyard::fault_kinds;
using switchyard::FaultKind;

using switchyard::text_of;
using switchyard::ViolationReason;

struct Violation {
    std::uint64_t address = 0; // in bytes, of the page's first
    Access access = Access::read;
    ViolationReason reason = ViolationReason::not_mapped;
};

// Sums over references. `pages` went through; with a violation or without memory left, the next one did not.
struct FaultCounts {
    std::array<std::uint64_t, fault_kinds> of_kind{};
    std::uint64_t pages = 0;
    std::uint64_t pages_mapped = 0;                // by page_cache faults: the one asked for and those around it
    std::uint64_t first_fault = ~std::uint64_t{0}; // the page, where there was one
    std::uint64_t replaced = 0; // present entries that name another frame since: the old translations are wrong
    // Pieces of 2 MiB that faults of kind `huge` cleared, and that those of kind `copy` of explicit huge pages copied.
    std::uint64_t huge_pieces_cleared = 0;
    std::uint64_t huge_pieces_copied = 0;
    std::uint64_t tables_made = 0; // page tables below the root
    // How cold the frames were, summed up: pages gone over since each was last (Memory::pages_since); of anonymous
    // faults the frame that is cleared, of copies the one that is read and the one that is written.
    std::uint64_t pages_since_cleared = 0;
    std::uint64_t pages_since_copied = 0;
    std::uint64_t pages_read = 0; // from files, ahead of use too
    std::uint64_t pages_swapped_in = 0;
    // What had to go to make room:
    std::uint64_t evicted = 0; // pages in all, those below among them
    std::uint64_t pages_swapped_out = 0;
    std::uint64_t pages_written_back = 0; // to files
    std::optional<Violation> violation;
    bool out_of_memory = false; // nothing could be evicted: Memory::choose_victim, destroy it, try again

    [[nodiscard]] std::uint64_t operator[](FaultKind kind) const { return of_kind[static_cast<std::size_t>(kind)]; }
    [[nodiscard]] std::uint64_t& operator[](FaultKind kind) { return of_kind[static_cast<std::size_t>(kind)]; }
    [[nodiscard]] std::uint64_t minor() const;
    [[nodiscard]] std::uint64_t major() const { return (*this)[FaultKind::swap_in] + (*this)[FaultKind::file_read]; }
    [[nodiscard]] bool stopped() const { return out_of_memory || violation.has_value(); }
    FaultCounts& operator+=(const FaultCounts& other);
};

} // namespace switchyard::sim::memory
