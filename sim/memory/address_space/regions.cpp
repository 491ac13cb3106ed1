// Regions mapped, unmapped, split, protected, grown and moved.
#include "sim/memory/address_space/each_leaf.hpp"

#include <algorithm>
#include <cassert>
#include <stdexcept>

namespace switchyard::sim::memory {

AddressSpace::AddressSpace(Memory& memory, SpaceId id, std::uint32_t family, const Layout& layout)
    : memory_(memory),
      id_(id),
      family_(family),
      layout_(layout),
      tables_(memory.pools(layout.index_bits), layout),
      heap_start_(layout.text),
      heap_end_(layout.text) {}

std::size_t AddressSpace::region_index(PageNumber page) const {
    const auto after = std::upper_bound(regions_.begin(), regions_.end(), page,
                                        [](PageNumber at, const Region& region) { return at < region.end; });
    return static_cast<std::size_t>(after - regions_.begin());
}

const Region* AddressSpace::region_of(PageNumber page) const {
    const std::size_t index = region_index(page);
    return index < regions_.size() && regions_[index].first <= page ? &regions_[index] : nullptr;
}

void AddressSpace::insert_region(const Region& region) {
    const std::size_t index = region_index(region.first);
    regions_.insert(regions_.begin() + static_cast<std::ptrdiff_t>(index), region);
    if (region.object != no_object) ++memory_.objects_[region.object].regions;
}

void AddressSpace::split_at(PageNumber page) {
    const std::size_t index = region_index(page);
    if (index == regions_.size() || regions_[index].first >= page) return;
    if (const LeafTable table = tables_.find(page);
        table && table.huge() && !table.is_alone && (page & (layout_.pages_of_huge() - 1)) != 0)
        split_huge(page); // no huge page lies in two regions
    Region upper = regions_[index];
    upper.offset = upper.index_of(page);
    upper.home = upper.home_of(page);
    upper.first = page;
    regions_[index].end = page;
    insert_region(upper);
}

void AddressSpace::merge(PageNumber first, PageNumber end) {
    for (std::size_t at = std::max<std::size_t>(region_index(first), 1); at < regions_.size();) {
        Region& lower = regions_[at - 1];
        const Region& upper = regions_[at];
        if (upper.first > end) break;
        const bool alike = lower.end == upper.first && lower.mapping == upper.mapping && lower.access == upper.access &&
                           lower.huge_pages == upper.huge_pages && lower.order == upper.order &&
                           lower.home_of(lower.end) == upper.home && lower.index_of(lower.end) == upper.offset;
        if (!alike) {
            ++at;
            continue;
        }
        lower.end = upper.end;
        lower.has_anonymous = lower.has_anonymous || upper.has_anonymous;
        if (upper.object != no_object) --memory_.objects_[upper.object].regions;
        regions_.erase(regions_.begin() + static_cast<std::ptrdiff_t>(at));
    }
}

// The highest gap that is large enough, as Linux places mappings: from the top down. Anonymous ones that are a multiple
// of a huge page begin at one.
PageNumber AddressSpace::place(const MapRequest& request) const {
    const PageNumber huge = layout_.pages_of_huge();
    PageNumber alignment = 1;
    PageNumber remainder = 0;
    if (request.start_page) {
        alignment = huge;
        remainder = *request.start_page % huge;
    } else if (request.huge_level > 0)
        alignment = layout_.pages_at(request.huge_level);
    else if (request.object == no_object && request.pages % huge == 0)
        alignment = huge;
    PageNumber gap_end = layout_.mappings_end;
    for (std::size_t at = region_index(gap_end - 1) + 1; at-- > 0;) {
        if (at == regions_.size() || regions_[at].first >= gap_end) continue;
        if (const PageNumber start = fit(regions_[at].end, gap_end, request.pages, alignment, remainder)) return start;
        gap_end = regions_[at].first;
    }
    const PageNumber start = fit(std::max(heap_end_, PageNumber{16}), gap_end, request.pages, alignment, remainder);
    if (start == 0) throw std::invalid_argument("no room in the address space");
    return start;
}

// The highest place in a gap; 0 if there is none.
PageNumber AddressSpace::fit(PageNumber gap, PageNumber gap_end, PageNumber pages, PageNumber alignment,
                             PageNumber remainder) {
    if (gap_end < gap + pages) return 0;
    const PageNumber start = gap_end - pages;
    const PageNumber below = (start - remainder) % alignment;
    return start < gap + below ? 0 : start - below;
}

PageNumber AddressSpace::map(const MapRequest& request, Change& change) {
    if (request.pages == 0) throw std::invalid_argument("a mapping of no pages");
    if (request.object == no_object && request.shared)
        throw std::invalid_argument("shared anonymous memory is an object: Memory::create_shared_memory");
    const PageNumber first = request.at ? *request.at : place(request);
    if (first >= pages_end() || request.pages > pages_end() - first)
        throw std::invalid_argument("beyond the end of the address space");
    if (request.huge_level > 0) require_huge_request(request, first);
    if (request.at) remove_regions(first, first + request.pages, change);
    const bool reserves = request.huge_level > 0 && request.object == no_object && request.reserve;
    if (reserves) memory_.reserve_huge(request.huge_level, request.pages / layout_.pages_at(request.huge_level));
    Region region;
    region.first = first;
    region.end = first + request.pages;
    region.object = request.object;
    region.offset = request.offset;
    region.home = first;
    region.mapping = ++mappings_;
    region.purpose = request.purpose;
    region.access = request.access;
    region.shared = request.shared;
    region.locked = request.locked;
    region.huge_pages = request.huge_pages;
    region.huge_level = request.huge_level;
    region.has_reserved = reserves;
    region.order = request.order;
    insert_region(region);
    ++change.regions;
    if (request.populate || request.locked)
        populate(first, request.pages, allows(request.access, Access::write) && !request.shared, change.faults);
    if (request.huge_level > 0) change.faults.violation.reset(); // nobody is told that there were too few
    return first;
}

void AddressSpace::remove_regions(PageNumber first, PageNumber end, Change& change) {
    require_whole(first);
    require_whole(end);
    split_at(first);
    split_at(end);
    const std::size_t begin = region_index(first);
    std::size_t stop = begin;
    while (stop < regions_.size() && regions_[stop].first < end) {
        const Region& region = regions_[stop];
        if (region.huge_level > 0) {
            clear_huge_mapping(region, region.first, region.end, change);
            release_huge_mapping(region);
        } else
            clear(region.first, region.end, false, change);
        ++stop;
    }
    if (begin == stop) return;
    const PageNumber from = regions_[begin].first;
    const PageNumber to = regions_[stop - 1].end;
    change.regions += stop - begin;
    change.tables_freed += tables_.free(from, to, begin == 0 ? 0 : regions_[begin - 1].end,
                                        stop == regions_.size() ? pages_end() : regions_[stop].first);
    for (std::size_t at = begin; at < stop; ++at)
        if (regions_[at].object != no_object) memory_.region_gone(regions_[at].object);
    regions_.erase(regions_.begin() + static_cast<std::ptrdiff_t>(begin),
                   regions_.begin() + static_cast<std::ptrdiff_t>(stop));
}

Change AddressSpace::unmap(PageNumber first, PageNumber pages) {
    Change change;
    remove_regions(first, first + pages, change);
    memory_.go_over_entries(change.entries);
    return change;
}

void AddressSpace::require_mapped(PageNumber first, PageNumber pages) const {
    PageNumber page = first;
    for (std::size_t at = region_index(first); page < first + pages; ++at) {
        if (at == regions_.size() || regions_[at].first > page) throw std::invalid_argument("not all of it is mapped");
        page = regions_[at].end;
    }
}

Change AddressSpace::protect(PageNumber first, PageNumber pages, Access access) {
    require_mapped(first, pages);
    Change change;
    const PageNumber end = first + pages;
    for (PageNumber page = first; page < end; page = region_of(page)->end) {
        if (region_of(page)->access == access) continue; // not even divided
        require_whole(page);
        require_whole(end);
        split_at(page);
        split_at(end);
        Region& region = regions_[region_index(page)];
        region.access = access;
        if (region.huge_level > 0)
            protect_huge_mapping(region, change);
        else
            protect_entries(region, change);
        ++change.regions;
    }
    merge(first, end);
    return change;
}

PageNumber AddressSpace::remap(PageNumber first, PageNumber pages, PageNumber new_pages, std::optional<PageNumber> to,
                               Change& change) {
    const Region* found = region_of(first);
    if (found == nullptr || first + pages > found->end || new_pages == 0)
        throw std::invalid_argument("what is remapped lies within one region");
    if (found->huge_level > 0) {
        const PageNumber each = layout_.pages_at(found->huge_level);
        require_whole(first);
        pages = (pages + each - 1) / each * each;
        new_pages = (new_pages + each - 1) / each * each;
        if (to || new_pages > pages)
            throw std::invalid_argument("a mapping of huge pages can shrink, but not grow (EINVAL)");
    }
    if (new_pages < pages) {
        remove_regions(first + new_pages, first + pages, change);
        pages = new_pages;
    }
    const PageNumber more = new_pages - pages;
    if (!to) {
        if (more == 0) return first;
        const std::size_t index = region_index(first);
        const PageNumber ceiling = index + 1 < regions_.size() ? regions_[index + 1].first : layout_.mappings_end;
        if (regions_[index].end == first + pages && first + new_pages <= ceiling) {
            regions_[index].end += more;
            ++change.regions;
            return first;
        }
    }
    split_at(first);
    split_at(first + pages);
    MapRequest request;
    request.pages = new_pages;
    request.object = region_of(first)->object;
    const PageNumber target = to ? *to : place(request);
    if (target < first + pages && first < target + new_pages) throw std::invalid_argument("the places overlap");
    if (target >= pages_end() || new_pages > pages_end() - target)
        throw std::invalid_argument("beyond the end of the address space");
    remove_regions(target, target + new_pages, change);
    Region region = *region_of(first);
    region.first = target;
    region.end = target + new_pages;
    moved_ = true;
    insert_region(region);
    move_entries(first, target, pages, change);
    remove_regions(first, first + pages, change);
    return target;
}

Change AddressSpace::brk(std::int64_t pages) {
    Change change;
    const PageNumber end = heap_end_ + static_cast<PageNumber>(pages);
    if (pages < 0) {
        if (heap_end_ - heap_start_ < static_cast<PageNumber>(-pages))
            throw std::invalid_argument("the heap is not that large");
        remove_regions(end, heap_end_, change);
    } else if (pages > 0) {
        const std::size_t next = region_index(heap_end_);
        if (end > (next < regions_.size() ? regions_[next].first : layout_.mappings_end))
            throw std::invalid_argument("the heap runs into another region");
        if (next > 0 && regions_[next - 1].purpose == Purpose::heap && regions_[next - 1].end == heap_end_)
            regions_[next - 1].end = end;
        else
            insert_region(
                {.first = heap_end_, .end = end, .home = heap_end_, .mapping = ++mappings_, .purpose = Purpose::heap});
        ++change.regions;
    }
    heap_end_ = end;
    return change;
}

void AddressSpace::load(const Image& image, Change& change) {
    PageNumber at = layout_.text;
    PageNumber offset = 0;
    const auto segment = [&](PageNumber pages, Purpose purpose, Access access, ObjectId object) {
        if (pages == 0) return;
        MapRequest request;
        request.pages = pages;
        request.at = at;
        request.object = object;
        request.offset = offset;
        request.access = access;
        request.purpose = purpose;
        map(request, change);
        at += pages;
        offset += pages;
    };
    const ObjectId file = image.executable;
    segment(image.text, Purpose::text, Access::read | Access::execute, file);
    segment(image.read_only_data, Purpose::read_only_data, Access::read, file);
    segment(image.data, Purpose::data, Access::read | Access::write, file);
    segment(image.zeroed_data, Purpose::zeroed_data, Access::read | Access::write, no_object);
    heap_start_ = heap_end_ = at;
    if (image.heap > 0) brk(static_cast<std::int64_t>(image.heap));
    at = layout_.stack_end - image.stack;
    segment(image.stack, Purpose::stack, Access::read | Access::write, no_object);
}

AddressSpace& AddressSpace::fork(Change& change) {
    AddressSpace& child = memory_.create(layout_, family_);
    child.regions_ = regions_;
    child.heap_start_ = heap_start_;
    child.heap_end_ = heap_end_;
    child.moved_ = moved_;
    if (domain_ != no_domain) memory_.join(child.id_, domain_);
    child.mappings_ = mappings_;
    child.out_of_memory_adjustment = out_of_memory_adjustment;
    for (Region& region : child.regions_) {
        region.locked = false; // locks are not inherited
        if (region.object != no_object) ++memory_.objects_[region.object].regions;
        region.has_reserved = false; // nor is what was reserved
        if (region.has_anonymous && region.huge_level > 0)
            copy_huge_mapping(region, child, change);
        else if (region.has_anonymous)
            copy_entries(region, child, change);
        ++change.regions;
        change.regions_copied += region.has_anonymous ? 1 : 0;
    }
    change.flush = change.flush || change.entries > 0;
    memory_.go_over_entries(change.entries);
    return child;
}

} // namespace switchyard::sim::memory
