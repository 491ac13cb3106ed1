#include "sim/memory/allocators/buddy.hpp"

#include "models/errors.hpp"

#include <algorithm>
#include <bit>
#include <fmt/format.h>

namespace switchyard::sim {

BuddyAllocator::BuddyAllocator(Page pages, unsigned largest_order) : largest_order_(largest_order) {
    constexpr unsigned most = 30;
    if (largest_order > most) throw InputError(fmt::format("blocks of 2^{} pages: at most 2^{}", largest_order, most));
    if (pages > Page{1} << 31U) throw InputError(fmt::format("{} pages: at most 2^31", pages));
    blocks_.resize(pages);
    lists_.resize(largest_order + 1);
    // The highest first, so that the lowest is given away first.
    for (Page end = pages; end > 0;) {
        const auto order = std::min(static_cast<unsigned>(std::countr_zero(end)), largest_order);
        end -= Page{1} << order;
        push(end, order);
    }
}

void BuddyAllocator::push(Page first, unsigned order) {
    List& list = lists_[order];
    blocks_[first] = {.next = list.first, .order = static_cast<std::uint8_t>(order), .state = State::free};
    if (list.first != no_page) blocks_[list.first].previous = first;
    list.first = first;
    ++list.length;
    free_pages_ += Page{1} << order;
}

void BuddyAllocator::remove(Page first) {
    Block& block = blocks_[first];
    List& list = lists_[block.order];
    (block.previous == no_page ? list.first : blocks_[block.previous].next) = block.next;
    if (block.next != no_page) blocks_[block.next].previous = block.previous;
    --list.length;
    free_pages_ -= Page{1} << block.order;
    block.state = State::inside;
}

std::optional<BuddyAllocator::Page> BuddyAllocator::allocate(unsigned order) {
    if (order > largest_order_) return std::nullopt;
    return allocate_pages(Page{1} << order);
}

std::optional<BuddyAllocator::Page> BuddyAllocator::allocate_pages(Page count) {
    if (count == 0 || count > Page{1} << largest_order_) return std::nullopt;
    const auto order = static_cast<unsigned>(std::bit_width(count - 1));
    unsigned found = order;
    while (found <= largest_order_ && lists_[found].length == 0) ++found;
    if (found > largest_order_) return std::nullopt;
    const Page first = lists_[found].first;
    remove(first);
    while (found > order) {
        --found;
        push(first + (Page{1} << found), found); // the upper half
    }
    blocks_[first] = {.requested = count, .order = static_cast<std::uint8_t>(order), .state = State::allocated};
    requested_ += count;
    return first;
}

bool BuddyAllocator::free(Page first) {
    if (first >= blocks_.size() || blocks_[first].state != State::allocated) return false;
    Block& block = blocks_[first];
    requested_ -= block.requested;
    block.state = State::inside;
    unsigned order = block.order;
    for (; order < largest_order_; ++order) {
        const Page buddy = first ^ Page { 1 } << order;
        if (buddy >= blocks_.size() || blocks_[buddy].state != State::free || blocks_[buddy].order != order) break;
        remove(buddy);
        first = std::min(first, buddy);
    }
    push(first, order);
    return true;
}

std::optional<unsigned> BuddyAllocator::allocated_order(Page first) const {
    if (first >= blocks_.size() || blocks_[first].state != State::allocated) return std::nullopt;
    return blocks_[first].order;
}

Fragmentation BuddyAllocator::fragmentation() const {
    Fragmentation all{.requested = requested_, .taken = pages() - free_pages_, .free = free_pages_};
    for (unsigned order = 0; order <= largest_order_; ++order) {
        all.pieces += lists_[order].length;
        if (lists_[order].length != 0) all.largest_free = std::uint64_t{1} << order;
    }
    return all;
}

std::uint64_t BuddyAllocator::unusable_permille(unsigned order) const {
    if (free_pages_ == 0) return 1000;
    std::uint64_t usable = 0;
    for (unsigned suitable = order; suitable <= largest_order_; ++suitable)
        usable += std::uint64_t{lists_[suitable].length} << suitable;
    return (free_pages_ - usable) * 1000 / free_pages_;
}

} // namespace switchyard::sim
