// Entries changed by ranges: cleared, split, moved, copied.
#include "sim/memory/address_space/each_leaf.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace switchyard::sim::memory {

// Whether it was present.
bool AddressSpace::clear_entry(Entry& mapped) {
    const Entry old = mapped;
    mapped = 0;
    if ((old & entry::swapped) != 0) {
        --swapped_;
        memory_.release_slot(entry::number(old));
    }
    if ((old & entry::present) == 0) return false;
    if ((old & entry::zero) != 0) return true;
    const FrameNumber number = entry::number(old);
    Frame& frame = memory_.frames_[number];
    if ((old & entry::dirty) != 0) frame.dirty = true;
    --resident_;
    --frame.maps;
    memory_.unmapped(number);
    return true;
}

// The huge page goes, and with it the table deposited for it.
void AddressSpace::clear_huge(LeafTable table, PageNumber page) {
    const Entry old = std::exchange(table.entries[0], 0);
    tables_.set_huge(page, false);
    tables_.free_leaf(page);
    if ((old & entry::zero) != 0) return;
    resident_ -= memory_.frames_.block();
    const FrameNumber first = entry::number(old);
    for (FrameNumber frame = first; (old & entry::dirty) != 0 && frame < first + memory_.frames_.block(); ++frame)
        memory_.frames_[frame].dirty = true;
    memory_.unmapped_huge(first);
}

// From one entry to 512 of the same pages (Linux: __split_huge_pmd). The deposited table is put to use.
void AddressSpace::split_huge(PageNumber page) {
    const LeafTable table = tables_.find(page);
    assert(table.huge());
    const Entry old = table.entries[0];
    tables_.set_huge(page, false);
    const FrameNumber pages = memory_.frames_.block();
    if ((old & entry::zero) != 0) {
        std::fill_n(table.entries, pages, old);
        return;
    }
    const FrameNumber first = entry::number(old);
    for (FrameNumber at = 0; at < pages; ++at) {
        table.entries[at] = old + (Entry{at} << page_bits);
        ++memory_.frames_[first + at].maps;
    }
    memory_.unmapped_huge(first);
}

std::uint64_t AddressSpace::clear(PageNumber first, PageNumber end, bool reclaim_tables, Change& change) {
    std::uint64_t present = 0;
    each_leaf(first, end, [&](LeafTable table, PageNumber from, PageNumber to) {
        const bool all = to - from == layout_.pages_of_huge();
        if (table.huge() && all) {
            clear_huge(table, from);
            ++change.tables_freed;
            ++present;
            change.add_stale(from, to, true);
            return;
        }
        if (table.huge()) {
            split_huge(from);
            table = tables_.find(from);
        }
        for (PageNumber page = from; page < to; ++page) {
            Entry& mapped = table.at(page);
            if (mapped == 0 || !clear_entry(mapped)) continue;
            ++present;
            change.add_stale(page, page + 1, false);
        }
        // Linux 6.14: a table emptied from end to end is given back at once (PT_RECLAIM), those above it are not.
        if (reclaim_tables && all) {
            tables_.free_leaf(from);
            ++change.tables_freed;
        }
    });
    change.entries += present;
    return present;
}

// Huge pages move whole where both places are aligned.
void AddressSpace::move_entries(PageNumber from, PageNumber to, PageNumber pages, Change& change) {
    const bool aligned = (from - to) % layout_.pages_of_huge() == 0;
    each_leaf(from, from + pages, [&](LeafTable table, PageNumber first, PageNumber end) {
        if (table.huge() && !(aligned && end - first == layout_.pages_of_huge())) {
            split_huge(first);
            table = tables_.find(first);
        }
        if (table.huge()) {
            LeafTable target = tables_.make(first - from + to, change.tables_made);
            target.entries[0] = std::exchange(table.entries[0], 0);
            tables_.set_huge(first - from + to, true);
            tables_.set_huge(first, false);
            ++change.entries;
            change.add_stale(first, end, true);
            return;
        }
        for (PageNumber page = first; page < end; ++page) {
            const PageNumber there = page - from + to;
            // The table is made for the first page, used or not, as Linux does.
            if (page == first || (there & (layout_.pages_of_huge() - 1)) == 0) tables_.make(there, change.tables_made);
            Entry& mapped = table.at(page);
            if (mapped == 0) continue;
            if ((mapped & entry::present) != 0) {
                ++change.entries;
                change.add_stale(page, page + 1, false);
            }
            tables_.find(there).at(there) = std::exchange(mapped, 0);
        }
    });
}

// What pages may be written without a fault once their region becomes writable, and never while it is not.
void AddressSpace::protect_entries(const Region& region, Change& change) {
    const bool readable = region.access != Access::none;
    const bool writable = allows(region.access, Access::write);
    const auto update = [&](Entry& mapped, bool notices_writes, PageNumber page, PageNumber beyond) {
        if ((mapped & entry::present) == 0) return;
        const bool own =
            region.shared ? !notices_writes || (mapped & entry::dirty) != 0 : (mapped & entry::exclusive) != 0;
        const Entry old = mapped;
        mapped &= ~(entry::writable | entry::no_access);
        if (writable && own) mapped |= entry::writable;
        if (!readable) mapped |= entry::no_access;
        ++change.entries;
        // Whichever way it changes: measured on 6.18, mprotect interrupts the others as it permits, too (x86:
        // pte_flags_need_flush).
        if (((old ^ mapped) & (entry::writable | entry::no_access)) != 0)
            change.add_stale(page, beyond, beyond - page > 1);
    };
    const bool is_file = region.object != no_object && memory_.objects_[region.object].kind == ObjectKind::file;
    each_leaf(region.first, region.end, [&](LeafTable table, PageNumber first, PageNumber end) {
        if (table.huge() && end - first < layout_.pages_of_huge()) {
            split_huge(first);
            table = tables_.find(first);
        }
        if (table.huge()) return update(table.entries[0], is_file, first, end);
        for (PageNumber page = first; page < end; ++page) update(table.at(page), is_file, page, page + 1);
    });
}

// Only regions with pages of their own: all others can be faulted in again (Linux: vma_needs_copy).
void AddressSpace::copy_entries(const Region& region, AddressSpace& child, Change& change) {
    each_leaf(region.first, region.end, [&](LeafTable table, PageNumber first, PageNumber end) {
        const LeafTable target = child.tables_.make(first, change.tables_made);
        if (table.huge()) {
            Entry& mapped = table.entries[0];
            mapped &= ~(entry::writable | entry::exclusive);
            child.tables_.find(first).entries[0] = mapped & ~entry::accessed;
            child.tables_.set_huge(first, true);
            ++change.entries;
            ++change.huge_pages;
            if ((mapped & entry::zero) != 0) return;
            ++memory_.frames_.block_maps(entry::number(mapped));
            child.add_resident(memory_.frames_.block());
            return;
        }
        for (PageNumber page = first; page < end; ++page) {
            Entry& mapped = table.at(page);
            if (mapped == 0) continue;
            if ((mapped & entry::swapped) != 0) {
                ++memory_.slots_[entry::number(mapped)].entries;
                ++child.swapped_;
            } else {
                mapped &= ~(entry::writable | entry::exclusive);
                ++change.entries;
                if ((mapped & entry::zero) == 0) {
                    ++memory_.frames_[entry::number(mapped)].maps;
                    child.add_resident(1);
                }
            }
            target.at(page) = mapped & ~entry::accessed;
        }
    });
}

} // namespace switchyard::sim::memory
