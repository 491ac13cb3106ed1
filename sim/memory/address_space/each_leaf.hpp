// Walks the leaf tables there are below a range of pages.
#pragma once

#include "sim/memory/address_space/address_space.hpp"

#include <algorithm>

namespace switchyard::sim::memory {

// visit(leaf table, first page, end) with pages within the table and the range. It may free the table.
template <typename Visit>
void AddressSpace::each_leaf(PageNumber first, PageNumber end, const Visit& visit) {
    if (first >= end) return;
    const unsigned bits = tables_.index_bits();
    const PageNumber last = ((end - 1) >> bits) + 1;
    for (PageNumber span = tables_.next_span(first >> bits, last); span < last;
         span = tables_.next_span(span + 1, last))
        visit(tables_.find(span << bits), std::max(first, span << bits), std::min(end, (span + 1) << bits));
}

} // namespace switchyard::sim::memory
