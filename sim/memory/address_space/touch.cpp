// References: what the hardware does of itself, and calls the kernel for.
#include "sim/memory/address_space/address_space.hpp"

#include <algorithm>

namespace switchyard::sim::memory {

namespace {
// Bits of an entry that a reference finds or sets.
constexpr Entry needed(bool write) {
    return entry::present | entry::accessed | (write ? entry::writable | entry::dirty : 0);
}
constexpr bool is_done(Entry mapped, Entry need) { return (mapped & (need | entry::no_access)) == need; }
// Accessed and dirty are set by hardware.
constexpr bool is_permitted(Entry mapped, bool write) {
    const Entry must = entry::present | (write ? entry::writable : 0);
    return (mapped & (must | entry::no_access)) == must;
}
} // namespace

// Entries do not say what may be executed; regions do. Where the first page lies that may not be.
PageNumber AddressSpace::executable_until(PageNumber first, PageNumber end) const {
    PageNumber page = first;
    for (std::size_t at = region_index(first); at < regions_.size() && page < end; ++at) {
        if (regions_[at].first > page || !allows(regions_[at].access, Access::execute)) break;
        page = regions_[at].end;
    }
    return std::min(page, end);
}

void AddressSpace::touch_range(PageNumber first, PageNumber pages, Access access, FaultCounts& counts) {
    const PageNumber wanted_end = first + pages;
    PageNumber end = std::min(wanted_end, pages_end());
    if (allows(access, Access::execute)) end = executable_until(first, end);
    const PageNumber page = touch_until(first, end, access, counts);
    const std::uint64_t done = page > first ? page - first : 0;
    counts.pages += done;
    references_ += done;
    if (page >= end && end < wanted_end) {
        // Only to learn what is wrong there.
        if (end >= pages_end())
            counts.violation = Violation{std::max(first, end) << page_bits, access, ViolationReason::not_mapped};
        else
            fault(std::max(first, end), access, counts);
    }
}

// The page at which it stopped: `end` when it went through.
PageNumber AddressSpace::touch_until(PageNumber first, PageNumber end, Access access, FaultCounts& counts) {
    const bool write = allows(access, Access::write);
    const Entry need = needed(write);
    const PageNumber in_table = layout_.pages_of_huge() - 1;
    for (PageNumber page = first; page < end;) {
        const LeafTable table = tables_.find(page);
        if (!table || reports_references_) {
            if (!touch_one(page, access, need, counts)) return page;
            ++page;
            continue;
        }
        const PageNumber stop = std::min(end, (page | in_table) + 1);
        if (table.huge()) {
            Entry& mapped = table.entries[0];
            if (is_permitted(mapped, write)) {
                mapped |= need;
                page = stop;
                continue;
            }
            if (fault(page, access, counts) != Outcome::done) return page;
            ++page;
            continue;
        }
        for (; page < stop; ++page) {
            Entry& mapped = table.entries[page & in_table];
            if (is_done(mapped, need)) continue;
            if (is_permitted(mapped, write)) {
                mapped |= need;
                continue;
            }
            // The table stays where it is: a fault may make tables, but frees none.
            if (fault(page, access, counts) != Outcome::done) return page;
        }
    }
    return end;
}

bool AddressSpace::touch_one(PageNumber page, Access access, Entry need, FaultCounts& counts) {
    const bool write = allows(access, Access::write);
    const LeafTable table = tables_.find(page);
    if (!table || !is_permitted(table.at(page), write)) return fault(page, access, counts) == Outcome::done;
    Entry& mapped = table.at(page);
    mapped |= need;
    if (!reports_references_ || (mapped & entry::zero) != 0 || table.is_alone) return true;
    const FrameNumber frame = entry::number(mapped);
    if (memory_.frames_[frame].listed) memory_.replacer_of(frame)->referenced(frame);
    return true;
}

void AddressSpace::touch_pages(std::span<const PageNumber> pages, Access access, FaultCounts& counts) {
    const bool write = allows(access, Access::write);
    const Entry need = needed(write);
    const PageNumber end = pages_end();
    if (allows(access, Access::execute)) {
        for (const PageNumber page : pages) {
            touch_range(page, 1, access, counts);
            if (counts.stopped()) return;
        }
        return;
    }
    std::size_t done = 0;
    constexpr std::size_t ahead = 12; // entries wanted so soon are fetched meanwhile
    for (; done < pages.size(); ++done) {
        const PageNumber page = pages[done];
        if (done + ahead < pages.size()) {
            const PageNumber soon = pages[done + ahead];
            if (const LeafTable next = tables_.recent(soon)) __builtin_prefetch(&next.at(soon));
        }
        if (page >= end) {
            counts.violation = Violation{page << page_bits, access, ViolationReason::not_mapped};
            break;
        }
        if (const LeafTable table = tables_.find(page); table && !reports_references_) {
            Entry& mapped = table.at(page);
            if (is_done(mapped, need)) continue;
            if (is_permitted(mapped, write)) {
                mapped |= need;
                continue;
            }
        }
        if (!touch_one(page, access, need, counts)) break;
    }
    counts.pages += done;
    references_ += done;
}

FaultCounts AddressSpace::write(PageNumber page, std::uint64_t content) {
    FaultCounts counts = touch_range(page, 1, Access::write);
    if (counts.stopped()) return counts;
    if (const LeafTable table = tables_.find(page); table.is_alone)
        huge_content(table, page) = content;
    else
        memory_.frames_[frame_of(page)].content = content;
    return counts;
}

std::uint64_t AddressSpace::read(PageNumber page, FaultCounts& counts) {
    touch_range(page, 1, Access::read, counts);
    if (counts.stopped()) return 0;
    if (const LeafTable table = tables_.find(page); table.is_alone) return huge_content(table, page);
    const FrameNumber frame = frame_of(page);
    return frame == no_frame ? 0 : memory_.frames_[frame].content;
}

} // namespace switchyard::sim::memory
