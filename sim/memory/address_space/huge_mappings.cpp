// Mappings of explicit huge pages (Linux 6.18: mm/hugetlb.c; measured on it with pages of 2 MiB). They have entries of
// their own at the second or third level and no table below, are copied and shared whole, and need a reservation or
// luck. What the kernel does with transparent huge pages - split, deposit a table, evict - does not happen to them, and
// the resident set does not count them.
#include "sim/memory/address_space/address_space.hpp"

#include <cassert>
#include <fmt/format.h>
#include <stdexcept>
#include <utility>

namespace switchyard::sim::memory {

namespace {
std::string_view size_of_level(unsigned level) { return level == 1 ? "2MiB" : "1GiB"; }
} // namespace

// --- Mapping and reserving -----------------------------------------------------------------------------------------

void Memory::reserve_huge(unsigned level, PageNumber pages) {
    HugePagePool& pool = huge_pool(level);
    if (!pool.reserve(pages))
        throw std::invalid_argument(
            fmt::format("{} huge pages of {} are wanted and {} of {} are to be had (ENOMEM): set more aside with "
                        "'huge_pages' of the machine",
                        pages, size_of_level(level), std::max<std::int64_t>(pool.available(), 0), pool.pages()));
}

ObjectId Memory::create_shared_huge_pages(unsigned level, PageNumber pages, bool reserve) {
    if (reserve) reserve_huge(level, pages);
    const ObjectId id = create_object(ObjectKind::shared_huge_pages, pages);
    objects_[id].huge_level = level;
    objects_[id].has_reserved = reserve;
    return id;
}

void AddressSpace::require_huge_request(const MapRequest& request, PageNumber first) const {
    const PageNumber each = layout_.pages_at(request.huge_level);
    if (layout_.index_bits != 9 || request.huge_level > huge_page_levels)
        throw std::invalid_argument("there are no huge pages of that size");
    if (request.pages % each != 0 || first % each != 0)
        throw std::invalid_argument(fmt::format("a mapping of huge pages of {} begins and ends at multiples of them "
                                                "(EINVAL)",
                                                size_of_level(request.huge_level)));
}

// hugetlb_vm_op_split: such a mapping is divided between two of its pages only.
void AddressSpace::require_whole(PageNumber page) const {
    const Region* region = region_of(page);
    if (region == nullptr || region->huge_level == 0 || page % layout_.pages_at(region->huge_level) == 0) return;
    throw std::invalid_argument(fmt::format("a mapping of huge pages of {} is divided at multiples of them only "
                                            "(EINVAL)",
                                            size_of_level(region->huge_level)));
}

// --- Faults --------------------------------------------------------------------------------------------------------

// hugetlb_no_page and hugetlb_wp. A read takes a page of zeros, too: there is no huge zero page here.
bool AddressSpace::fault_huge_mapping(Region& region, PageNumber page, bool write, FaultCounts& counts) {
    constexpr Entry written = entry::writable | entry::dirty;
    const PageNumber each = layout_.pages_at(region.huge_level);
    const PageNumber first = page & ~(each - 1);
    const std::uint64_t pieces = each / layout_.pages_of_huge();
    HugePagePool& pool = memory_.huge_pool(region.huge_level);
    if (const LeafTable table = tables_.find(page)) {
        // Mapped, and may not be written: private, and another one's too perhaps.
        Entry& mapped = table.entries[0];
        const std::uint32_t old = entry::number(mapped);
        std::uint32_t copy = no_frame;
        if (pool[old].maps > 1) {
            copy = pool.take(false);
            if (copy == no_frame && !region.has_reserved) return false;
            // The one who reserved must not fail: the others lose the page (unmap_ref_private).
            if (copy == no_frame) memory_.take_from_children(*this, region, first, old);
        }
        if (copy == no_frame) {
            mapped |= written;
            count(FaultKind::huge_reuse, counts);
            return true;
        }
        pool[copy].contents = pool[old].contents;
        pool[copy].maps = 1;
        --pool[old].maps;
        mapped = entry::of(copy, entry::present | entry::accessed | entry::anonymous | written);
        ++counts.replaced;
        counts.huge_pieces_copied += pieces;
        count(FaultKind::copy, counts);
        return true;
    }
    std::uint32_t number = no_frame;
    FaultKind kind = FaultKind::huge;
    Entry flags = entry::present | entry::accessed | (write ? written : 0);
    if (region.object == no_object) {
        number = pool.take(region.has_reserved);
        flags |= entry::anonymous;
    } else {
        MemoryObject& object = memory_.objects_[region.object];
        Entry& kept = object.pages[region.index_of(first) / each];
        if (kept == 0) {
            number = pool.take(object.has_reserved);
            if (number != no_frame) kept = entry::of(number, entry::present);
        } else {
            number = entry::number(kept);
            kind = FaultKind::page_cache;
            ++counts.pages_mapped;
        }
        if (allows(region.access, Access::write)) flags |= entry::writable;
    }
    if (number == no_frame) return false;
    tables_.make_alone(page, region.huge_level, counts.tables_made).entries[0] = entry::of(number, flags);
    ++pool[number].maps;
    region.has_anonymous = region.has_anonymous || region.object == no_object;
    if (kind == FaultKind::huge) counts.huge_pieces_cleared += pieces;
    count(kind, counts);
    return true;
}

void Memory::take_from_children(const AddressSpace& owner, const Region& region, PageNumber first, std::uint32_t page) {
    const PageNumber home = region.home_of(first);
    for (const SpaceId id : families_[owner.family_]) {
        AddressSpace& space = *spaces_[id];
        if (&space == &owner) continue;
        for (const Region& theirs : space.regions_) {
            if (theirs.huge_level != region.huge_level || theirs.object != no_object || theirs.has_reserved ||
                home < theirs.home || home - theirs.home >= theirs.pages())
                continue;
            const PageNumber there = theirs.first + (home - theirs.home);
            const LeafTable table = space.tables_.find(there);
            if (!table || entry::number(table.entries[0]) != page) continue;
            table.entries[0] = 0;
            space.tables_.free_alone(there);
            unmapped_huge_page(theirs, page);
        }
    }
}

// --- Entries -------------------------------------------------------------------------------------------------------

void Memory::unmapped_huge_page(const Region& region, std::uint32_t number) {
    HugePagePool& pool = huge_pool(region.huge_level);
    HugePage& page = pool[number];
    --page.maps;
    if (region.object != no_object) return; // it stays in its object
    page.restores_reservation = page.restores_reservation || region.has_reserved;
    if (page.maps == 0) pool.give_back(number);
}

template <typename Visit>
void AddressSpace::each_huge_page(const Region& region, PageNumber first, PageNumber end, const Visit& visit) {
    const PageNumber each = layout_.pages_at(region.huge_level);
    for (PageNumber page = first; page < end; page += each)
        if (const LeafTable table = tables_.find(page)) visit(table.entries[0], page, page + each);
}

void AddressSpace::clear_huge_mapping(const Region& region, PageNumber first, PageNumber end, Change& change) {
    each_huge_page(region, first, end, [&](Entry& mapped, PageNumber page, PageNumber beyond) {
        const std::uint32_t number = entry::number(mapped);
        mapped = 0;
        tables_.free_alone(page);
        memory_.unmapped_huge_page(region, number);
        ++change.entries;
        change.add_stale(page, beyond, region.huge_level);
    });
}

// What it still had reserved; that which its pages restore comes with them.
void AddressSpace::release_huge_mapping(const Region& region) {
    if (region.has_reserved)
        memory_.huge_pool(region.huge_level).release(region.pages() / layout_.pages_at(region.huge_level));
}

// MADV_DONTNEED, which frees no page of which only a part is meant at the end, and refuses at the beginning.
void AddressSpace::drop_huge_mapping(const Region& region, PageNumber first, PageNumber end, Change& change) {
    require_whole(first);
    clear_huge_mapping(region, first, end - end % layout_.pages_at(region.huge_level), change);
}

// A private page that is made writable again takes a fault to be written (huge_pte_modify), whoever else maps it.
void AddressSpace::protect_huge_mapping(const Region& region, Change& change) {
    const bool writable = region.shared && allows(region.access, Access::write);
    each_huge_page(region, region.first, region.end, [&](Entry& mapped, PageNumber page, PageNumber beyond) {
        const Entry old = mapped;
        mapped &= ~(entry::writable | entry::no_access);
        if (writable) mapped |= entry::writable;
        if (region.access == Access::none) mapped |= entry::no_access;
        ++change.entries;
        if (mapped != old) change.add_stale(page, beyond, region.huge_level);
    });
}

// copy_hugetlb_page_range: of private mappings, for copying on write. Reservations stay with the parent.
void AddressSpace::copy_huge_mapping(const Region& region, AddressSpace& child, Change& change) {
    each_huge_page(region, region.first, region.end, [&](Entry& mapped, PageNumber page, PageNumber) {
        mapped &= ~entry::writable;
        child.tables_.make_alone(page, region.huge_level, change.tables_made).entries[0] = mapped & ~entry::accessed;
        ++memory_.huge_pool(region.huge_level)[entry::number(mapped)].maps;
        ++change.entries;
    });
}

// --- What is in them -----------------------------------------------------------------------------------------------

std::uint64_t& AddressSpace::huge_content(const LeafTable& table, PageNumber page) {
    assert(table.is_alone);
    HugePage& huge = memory_.huge_pool(table.level)[entry::number(table.entries[0])];
    return huge.contents[page & (layout_.pages_at(table.level) - 1)];
}

} // namespace switchyard::sim::memory
