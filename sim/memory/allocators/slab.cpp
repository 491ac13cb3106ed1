#include "sim/memory/allocators/slab.hpp"

#include "models/errors.hpp"

#include <bit>
#include <fmt/format.h>

namespace switchyard::sim {

namespace {

constexpr std::uint32_t in_use_mark = ~std::uint32_t{0} - 1;

} // namespace

SlabCache::SlabCache(BuddyAllocator& pages, const SlabRules& rules)
    : pages_(pages), rules_(rules), slab_of_(pages.pages(), none) {
    const std::uint64_t slab_bytes = std::uint64_t{rules.page_size} << rules.order;
    if (rules.object_size == 0) throw InputError("a slab cache of objects of 0 bytes");
    if (!std::has_single_bit(rules.alignment) || rules.alignment > rules.page_size)
        throw InputError(
            fmt::format("an alignment of {} bytes is no power of two, or more than a page", rules.alignment));
    const std::uint64_t stride =
        (std::uint64_t{rules.object_size} + rules.alignment - 1) / rules.alignment * rules.alignment;
    if (stride > slab_bytes || rules.order > pages.largest_order())
        throw InputError(fmt::format("objects of {} bytes do not fit a slab of {} (order {})", rules.object_size,
                                     slab_bytes, rules.order));
    stride_ = static_cast<std::uint32_t>(stride);
    objects_per_slab_ = static_cast<std::uint32_t>(slab_bytes / stride);
    colours_ = static_cast<std::uint32_t>(slab_bytes % stride / rules.alignment) + 1;
}

SlabCache::~SlabCache() {
    for (const SlabList& list : lists_)
        for (std::uint32_t slab = list.first; slab != none; slab = slabs_[slab].next)
            pages_.free(slabs_[slab].first_page);
}

// --- Lists -------------------------------------------------------------------------------------------------------

SlabCache::List SlabCache::list_of(const Slab& slab) const {
    if (slab.in_use == 0) return List::empty;
    return slab.in_use == objects_per_slab_ ? List::full : List::partial;
}

void SlabCache::put(std::uint32_t slab, List list) {
    SlabList& target = lists_[static_cast<std::size_t>(list)];
    slabs_[slab].list = list;
    slabs_[slab].previous = none;
    slabs_[slab].next = target.first;
    if (target.first != none) slabs_[target.first].previous = slab;
    target.first = slab;
    ++target.length;
}

void SlabCache::take_out(std::uint32_t slab) {
    const Slab& one = slabs_[slab];
    SlabList& list = lists_[static_cast<std::size_t>(one.list)];
    (one.previous == none ? list.first : slabs_[one.previous].next) = one.next;
    if (one.next != none) slabs_[one.next].previous = one.previous;
    --list.length;
}

void SlabCache::move_to(std::uint32_t slab, List list) {
    if (slabs_[slab].list == list) return;
    take_out(slab);
    put(slab, list);
}

// --- Slabs -------------------------------------------------------------------------------------------------------

std::optional<std::uint32_t> SlabCache::grow() {
    const auto first_page = pages_.allocate(rules_.order);
    if (!first_page) return std::nullopt;
    std::uint32_t slab = unused_slabs_;
    if (slab == none) {
        slab = static_cast<std::uint32_t>(slabs_.size());
        slabs_.emplace_back();
        next_free_.resize(next_free_.size() + objects_per_slab_);
    } else {
        unused_slabs_ = slabs_[slab].next;
    }
    slabs_[slab] = {.first_page = *first_page, .colour = next_colour_ * rules_.alignment, .first_free = 0};
    next_colour_ = (next_colour_ + 1) % colours_;
    std::uint32_t* const next = &next_free_[std::size_t{slab} * objects_per_slab_];
    for (std::uint32_t object = 0; object < objects_per_slab_; ++object)
        next[object] = object + 1 < objects_per_slab_ ? object + 1 : none;
    slab_of_[*first_page] = slab;
    put(slab, List::empty);
    return slab;
}

void SlabCache::release(std::uint32_t slab) {
    take_out(slab);
    slab_of_[slabs_[slab].first_page] = none;
    pages_.free(slabs_[slab].first_page);
    slabs_[slab].next = unused_slabs_;
    unused_slabs_ = slab;
}

std::uint32_t SlabCache::shrink() {
    const std::uint32_t count = slabs(List::empty);
    while (slabs(List::empty) > 0) release(lists_[static_cast<std::size_t>(List::empty)].first);
    return count;
}

// --- Objects -----------------------------------------------------------------------------------------------------

std::optional<std::uint64_t> SlabCache::allocate() {
    std::uint32_t slab = lists_[static_cast<std::size_t>(List::partial)].first;
    if (slab == none) slab = lists_[static_cast<std::size_t>(List::empty)].first;
    if (slab == none) {
        const auto grown = grow();
        if (!grown) return std::nullopt;
        slab = *grown;
    }
    Slab& from = slabs_[slab];
    const std::uint32_t object = from.first_free;
    std::uint32_t& next = next_free_[std::size_t{slab} * objects_per_slab_ + object];
    from.first_free = next;
    next = in_use_mark;
    ++from.in_use;
    ++objects_;
    move_to(slab, list_of(from));
    return std::uint64_t{from.first_page} * rules_.page_size + from.colour + std::uint64_t{object} * stride_;
}

bool SlabCache::free(std::uint64_t address) {
    const std::uint64_t page = address / rules_.page_size;
    const std::uint64_t first_page = page >> rules_.order << rules_.order; // blocks are aligned to their size
    if (first_page >= slab_of_.size() || slab_of_[first_page] == none) return false;
    const std::uint32_t slab = slab_of_[first_page];
    Slab& to = slabs_[slab];
    const std::uint64_t begin = first_page * rules_.page_size + to.colour;
    if (address < begin || (address - begin) % stride_ != 0) return false;
    const std::uint64_t object = (address - begin) / stride_;
    if (object >= objects_per_slab_) return false;
    std::uint32_t& next = next_free_[std::size_t{slab} * objects_per_slab_ + object];
    if (next != in_use_mark) return false;
    next = to.first_free;
    to.first_free = static_cast<std::uint32_t>(object);
    --to.in_use;
    --objects_;
    move_to(slab, list_of(to));
    if (to.in_use == 0 && slabs(List::empty) > rules_.empty_kept) release(slab);
    return true;
}

Fragmentation SlabCache::fragmentation() const {
    const std::uint64_t slab_bytes = std::uint64_t{rules_.page_size} << rules_.order;
    const std::uint64_t holding = slabs(List::partial) + slabs(List::full);
    const std::uint64_t free_objects = holding * objects_per_slab_ - objects_;
    Fragmentation all;
    all.requested = objects_ * rules_.object_size;
    all.free = slabs(List::empty) * slab_bytes + free_objects * stride_;
    all.taken = holding * slab_bytes - free_objects * stride_;
    all.largest_free = slabs(List::empty) > 0 ? slab_bytes : free_objects > 0 ? stride_ : 0;
    all.pieces = slabs(List::empty) + free_objects;
    return all;
}

} // namespace switchyard::sim
