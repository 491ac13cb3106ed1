#include "sim/memory/address_space/page_tables.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace switchyard::sim::memory {

namespace {
constexpr std::size_t recent_at_first = 8;
constexpr std::size_t recent_at_most = 4096;

constexpr TableReference to_leaf(std::uint32_t table, bool huge) { return 2 * (table + 1) + (huge ? 1 : 0); }
constexpr std::uint32_t leaf_of(TableReference reference) { return reference / 2 - 1; }

constexpr TableReference alone = 0x8000'0000;
constexpr bool is_alone(TableReference reference) { return (reference & alone) != 0; }
} // namespace

PageTables::PageTables(TablePools& pools, const Layout& layout)
    : pools_(pools),
      levels_(layout.levels),
      index_bits_(layout.index_bits),
      root_(pools.upper.take()),
      recent_(recent_at_first),
      recent_mask_(recent_at_first - 1) {}

PageTables::~PageTables() { pools_.upper.give_back(root_); } // everything was unmapped before

std::uint64_t PageTables::tables() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t count : count_) sum += count;
    return sum;
}

TableReference* PageTables::reference_to_leaf(PageNumber span) {
    const PageNumber mask = (PageNumber{1} << index_bits_) - 1;
    std::uint32_t table = root_;
    for (unsigned level = levels_ - 1; level > 1; --level) {
        const TableReference next = pools_.upper[table][span >> (index_bits_ * (level - 1)) & mask];
        if (next == 0) return nullptr;
        table = next - 1;
    }
    return &pools_.upper[table][span & mask];
}

// `level`: that of the table the reference is in.
LeafTable PageTables::remember(PageNumber span, TableReference reference, unsigned level) {
    LeafTable table;
    if (is_alone(reference))
        table = {pools_.alone[reference & ~alone], 0, static_cast<std::uint8_t>(level), true};
    else if ((reference & 1) != 0)
        table = {pools_.leaf[leaf_of(reference)], 0, 1, false};
    else
        table = {pools_.leaf[leaf_of(reference)], (1U << index_bits_) - 1, 0, false};
    recent_[span & recent_mask_] = {span, table};
    return table;
}

void PageTables::forget(PageNumber span) {
    if (Recent& recent = recent_[span & recent_mask_]; recent.span == span) recent = {};
}

LeafTable PageTables::walk(PageNumber span) {
    const PageNumber mask = (PageNumber{1} << index_bits_) - 1;
    std::uint32_t table = root_;
    for (unsigned level = levels_ - 1;; --level) {
        const TableReference next = pools_.upper[table][span >> (index_bits_ * (level - 1)) & mask];
        if (next == 0) return {};
        if (level == 1 || is_alone(next)) return remember(span, next, level);
        table = next - 1;
    }
}

LeafTable PageTables::make_alone(PageNumber page, unsigned wanted, std::uint64_t& made) {
    const PageNumber span = page >> index_bits_;
    const PageNumber mask = (PageNumber{1} << index_bits_) - 1;
    std::uint32_t table = root_;
    for (unsigned level = levels_ - 1; level > wanted; --level) {
        TableReference& next = pools_.upper[table][span >> (index_bits_ * (level - 1)) & mask];
        if (next == 0) {
            next = pools_.upper.take() + 1;
            ++count_[level - 1];
            ++made;
        }
        table = next - 1;
    }
    TableReference& reference = pools_.upper[table][span >> (index_bits_ * (wanted - 1)) & mask];
    assert(reference == 0); // tables go with the regions they serve
    reference = alone | pools_.alone.take();
    most_ = std::max(most_, tables());
    return remember(span, reference, wanted);
}

void PageTables::free_alone(PageNumber page) {
    const PageNumber mask = (PageNumber{1} << index_bits_) - 1;
    const PageNumber span = page >> index_bits_;
    std::uint32_t table = root_;
    for (unsigned level = levels_ - 1;; --level) {
        const unsigned shift = index_bits_ * (level - 1);
        TableReference& reference = pools_.upper[table][span >> shift & mask];
        if (!is_alone(reference)) {
            table = reference - 1;
            continue;
        }
        pools_.alone.give_back(std::exchange(reference, 0) & ~alone);
        const PageNumber first = span >> shift << shift;
        for (PageNumber each = first; each < first + (PageNumber{1} << shift); ++each) forget(each);
        return;
    }
}

LeafTable PageTables::make(PageNumber page, std::uint64_t& made) {
    const PageNumber span = page >> index_bits_;
    const PageNumber mask = (PageNumber{1} << index_bits_) - 1;
    std::uint32_t table = root_;
    for (unsigned level = levels_ - 1; level > 1; --level) {
        TableReference& next = pools_.upper[table][span >> (index_bits_ * (level - 1)) & mask];
        if (next == 0) {
            // The pool may grow, but its tables keep their places.
            next = pools_.upper.take() + 1;
            ++count_[level - 1];
            ++made;
        }
        table = next - 1;
    }
    TableReference& leaf = pools_.upper[table][span & mask];
    if (leaf == 0) {
        leaf = to_leaf(pools_.leaf.take(), false);
        ++made;
        ++count_[0];
        most_ = std::max(most_, tables());
        if (count_[0] > recent_.size() && recent_.size() < recent_at_most) {
            recent_.assign(4 * recent_.size(), {});
            recent_mask_ = recent_.size() - 1;
        }
    }
    return remember(span, leaf);
}

void PageTables::set_huge(PageNumber page, bool huge) {
    const PageNumber span = page >> index_bits_;
    TableReference& reference = *reference_to_leaf(span);
    reference = to_leaf(leaf_of(reference), huge);
    forget(span);
}

PageNumber PageTables::next_span(PageNumber span, PageNumber end) {
    const PageNumber mask = (PageNumber{1} << index_bits_) - 1;
    while (span < end) {
        std::uint32_t table = root_;
        unsigned level = levels_ - 1;
        for (; level > 1; --level) {
            const unsigned shift = index_bits_ * (level - 1);
            const TableReference next = pools_.upper[table][span >> shift & mask];
            if (next == 0) {
                span = ((span >> shift) + 1) << shift;
                break;
            }
            if (is_alone(next)) return span;
            table = next - 1;
        }
        if (level > 1) continue;
        do {
            if (pools_.upper[table][span & mask] != 0) return span;
            ++span;
        } while (span < end && (span & mask) != 0);
    }
    return end;
}

void PageTables::free_leaf(PageNumber page) {
    const PageNumber span = page >> index_bits_;
    TableReference& reference = *reference_to_leaf(span);
    pools_.leaf.give_back(leaf_of(reference));
    reference = 0;
    --count_[0];
    forget(span);
}

std::uint64_t PageTables::free(PageNumber first, PageNumber end, PageNumber floor, PageNumber ceiling) {
    return first < end ? free_below(root_, levels_ - 1, first, end, floor, ceiling) : 0;
}

// `first` and `end` lie within what the table serves.
std::uint64_t PageTables::free_below(std::uint32_t table, unsigned level, PageNumber first, PageNumber end,
                                     PageNumber floor, PageNumber ceiling) {
    const unsigned shift = index_bits_ * level;
    const PageNumber each = PageNumber{1} << shift;
    const PageNumber mask = (PageNumber{1} << index_bits_) - 1;
    std::uint64_t freed = 0;
    for (PageNumber base = first >> shift << shift; base < end; base += each) {
        TableReference& child = pools_.upper[table][base >> shift & mask];
        if (child == 0) continue;
        if (level > 1)
            freed +=
                free_below(child - 1, level - 1, std::max(first, base), std::min(end, base + each), floor, ceiling);
        if (base < floor || base + each > ceiling) continue;
        if (level > 1)
            pools_.upper.give_back(child - 1);
        else {
            pools_.leaf.give_back(leaf_of(child));
            forget(base >> shift);
        }
        child = 0;
        --count_[level - 1];
        ++freed;
    }
    return freed;
}

} // namespace switchyard::sim::memory
