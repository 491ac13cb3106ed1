// madvise, and pages faulted in before they are used.
#include "sim/memory/address_space/each_leaf.hpp"

#include <algorithm>
#include <stdexcept>

namespace switchyard::sim::memory {

namespace {
void heed(Region& region, Advice advice) {
    switch (advice) {
    case Advice::huge_pages: region.huge_pages = HugePages::advised; break;
    case Advice::no_huge_pages: region.huge_pages = HugePages::refused; break;
    case Advice::random: region.order = Order::random; break;
    case Advice::sequential: region.order = Order::sequential; break;
    case Advice::normal: region.order = Order::normal; break;
    case Advice::dont_need:
    case Advice::free_lazily:
    case Advice::populate_read:
    case Advice::populate_write:
    case Advice::will_need: break; // of contents, not of the region
    }
}
} // namespace

void AddressSpace::populate(PageNumber first, PageNumber pages, bool write, FaultCounts& counts) {
    const Entry need = entry::present | (write ? entry::writable : 0);
    for (PageNumber page = first; page < first + pages; ++page) {
        const LeafTable table = tables_.find(page);
        if (table && (table.at(page) & (need | entry::no_access)) == need) continue;
        if (fault(page, write ? Access::write : Access::read, counts) != Outcome::done) return;
    }
}

// Anonymous pages stay until memory runs short, unless they are written again.
void AddressSpace::free_lazily(PageNumber first, PageNumber end, Change& change) {
    const auto release = [&](Entry& mapped, PageNumber page, FrameNumber pages) {
        if ((mapped & entry::swapped) != 0) {
            clear_entry(mapped);
            return;
        }
        if ((mapped & (entry::present | entry::anonymous)) != (entry::present | entry::anonymous)) return;
        const FrameNumber number = entry::number(mapped);
        for (FrameNumber frame = number; frame < number + pages; ++frame) {
            if (memory_.frames_.maps(frame) > 1) return;
            memory_.leave_swap_cache(frame);
            if (memory_.frames_[frame].slot != no_slot) return; // others will want it from the swap device
            memory_.frames_[frame].dirty = false;
            memory_.frames_[frame].lazily_freed = true;
        }
        mapped &= ~(entry::dirty | entry::accessed);
        ++change.entries;
        change.add_stale(page, page + pages, pages > 1);
    };
    each_leaf(first, end, [&](LeafTable table, PageNumber from, PageNumber to) {
        if (table.huge() && to - from < layout_.pages_of_huge()) {
            split_huge(from);
            table = tables_.find(from);
        }
        if (table.huge()) return release(table.entries[0], from, memory_.frames_.block());
        for (PageNumber page = from; page < to; ++page) release(table.at(page), page, 1);
    });
}

// MADV_WILLNEED on anonymous memory (Linux: swapin_walk_pmd_entry): to the swap cache, where a fault finds it.
void AddressSpace::bring_swapped_in(const Region& region, PageNumber first, PageNumber end, FaultCounts& counts) {
    bool has_room = true;
    each_leaf(first, end, [&](LeafTable table, PageNumber from, PageNumber to) {
        for (PageNumber page = from; page < to && has_room && !table.huge(); ++page) {
            const auto is_on_device = [&] {
                const Entry mapped = table.at(page);
                return (mapped & entry::swapped) != 0 && memory_.slots_[entry::number(mapped)].frame == no_frame;
            };
            if (!is_on_device()) continue;
            has_room = memory_.make_room(*this, 1, counts);
            if (has_room && is_on_device())
                memory_.swap_in(*this, entry::number(table.at(page)), region.home_of(page), counts);
        }
    });
}

Change AddressSpace::advise(PageNumber first, PageNumber pages, Advice advice) {
    require_mapped(first, pages);
    Change change;
    const PageNumber end = first + pages;
    if (advice == Advice::populate_read || advice == Advice::populate_write) {
        populate(first, pages, advice == Advice::populate_write, change.faults);
        if (const auto& violation = change.faults.violation;
            violation && violation->reason == ViolationReason::no_huge_page)
            throw std::invalid_argument(
                "no huge page is left (EFAULT): set more aside with 'huge_pages' of the machine");
        return change;
    }
    if (advice == Advice::dont_need || advice == Advice::free_lazily) {
        for (std::size_t at = region_index(first); at < regions_.size() && regions_[at].first < end; ++at) {
            const Region& region = regions_[at];
            const PageNumber from = std::max(first, region.first);
            const PageNumber to = std::min(end, region.end);
            ++change.regions;
            if (advice == Advice::dont_need) {
                if (region.huge_level > 0) {
                    drop_huge_mapping(region, from, to, change);
                    continue;
                }
                if (region.locked) throw std::invalid_argument("locked pages are needed");
                clear(from, to, true, change);
            } else {
                if (region.object != no_object || region.huge_level > 0)
                    throw std::invalid_argument("only anonymous memory is freed lazily");
                free_lazily(from, to, change);
            }
        }
        return change;
    }
    if (advice == Advice::will_need) {
        for (std::size_t at = region_index(first); at < regions_.size() && regions_[at].first < end; ++at) {
            const Region& region = regions_[at];
            const PageNumber from = std::max(first, region.first);
            const PageNumber to = std::min(end, region.end);
            ++change.regions;
            if (region.huge_level > 0) continue; // they have nowhere else to be
            if (region.object != no_object) memory_.read_on_advice(*this, region, from, to, change.faults);
            if (region.object == no_object || region.has_anonymous) bring_swapped_in(region, from, to, change.faults);
        }
        return change;
    }
    for (PageNumber page = first; page < end; page = region_of(page)->end) {
        Region advised = *region_of(page);
        heed(advised, advice);
        if (advised == *region_of(page)) continue; // not even divided
        require_whole(page);
        require_whole(end);
        split_at(page);
        split_at(end);
        heed(regions_[region_index(page)], advice);
        ++change.regions;
    }
    merge(first, end);
    return change;
}

} // namespace switchyard::sim::memory
