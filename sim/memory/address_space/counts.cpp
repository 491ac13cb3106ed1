#include "sim/memory/address_space/faults.hpp"

namespace switchyard::sim::memory {

std::uint64_t FaultCounts::minor() const {
    std::uint64_t sum = 0;
    for (std::size_t kind = 0; kind < static_cast<std::size_t>(FaultKind::swap_in); ++kind) sum += of_kind[kind];
    return sum;
}

FaultCounts& FaultCounts::operator+=(const FaultCounts& other) {
    for (std::size_t kind = 0; kind < fault_kinds; ++kind) of_kind[kind] += other.of_kind[kind];
    if (first_fault == ~std::uint64_t{0}) first_fault = other.first_fault;
    pages += other.pages;
    pages_mapped += other.pages_mapped;
    replaced += other.replaced;
    huge_pieces_cleared += other.huge_pieces_cleared;
    huge_pieces_copied += other.huge_pieces_copied;
    tables_made += other.tables_made;
    pages_since_cleared += other.pages_since_cleared;
    pages_since_copied += other.pages_since_copied;
    pages_read += other.pages_read;
    pages_swapped_in += other.pages_swapped_in;
    evicted += other.evicted;
    pages_swapped_out += other.pages_swapped_out;
    pages_written_back += other.pages_written_back;
    if (!violation) violation = other.violation;
    out_of_memory = out_of_memory || other.out_of_memory;
    return *this;
}

} // namespace switchyard::sim::memory
