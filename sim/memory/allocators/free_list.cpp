#include "sim/memory/allocators/free_list.hpp"

#include "models/errors.hpp"

#include <algorithm>

namespace switchyard::sim {

FreeListAllocator::FreeListAllocator(std::uint64_t base, std::uint64_t size, const FreeListRules& rules)
    : rules_(rules), rover_(base) {
    if (rules.alignment == 0) throw InputError("an alignment of 0 bytes");
    if (size > 0) list_.push_back({base, size});
}

FreeListAllocator::Allocation FreeListAllocator::allocate(std::uint64_t size) {
    const std::uint64_t rounded = (size + rules_.alignment - 1) / rules_.alignment * rules_.alignment;
    const std::uint64_t wanted = rounded + rules_.header;
    Allocation result;
    if (rounded < size || wanted < rounded) return result; // more than there are addresses
    std::size_t begin = 0;
    if (rules_.fit == Fit::next) {
        const auto rover = std::ranges::find_if(list_, [&](const FreeBlock& block) {
            return block.address <= rover_ && rover_ - block.address < block.size;
        });
        if (rover != list_.end()) begin = static_cast<std::size_t>(rover - list_.begin());
    }
    std::size_t chosen = list_.size();
    for (std::size_t step = 0; step < list_.size(); ++step) {
        const std::size_t at = (begin + step) % list_.size();
        ++result.searched;
        if (list_[at].size < wanted) continue;
        if (chosen == list_.size() || (rules_.fit == Fit::best && list_[at].size < list_[chosen].size) ||
            (rules_.fit == Fit::worst && list_[at].size > list_[chosen].size))
            chosen = at;
        if (rules_.fit == Fit::first || rules_.fit == Fit::next) break;
    }
    if (chosen == list_.size()) return result;
    FreeBlock& block = list_[chosen];
    const std::uint64_t address = block.address;
    block.address += wanted;
    block.size -= wanted;
    if (block.size == 0) {
        list_.erase(list_.begin() + static_cast<std::ptrdiff_t>(chosen));
        rover_ = list_.empty() ? address : list_[chosen % list_.size()].address;
    } else {
        rover_ = block.address;
    }
    taken_.emplace(address, Taken{wanted, size});
    taken_bytes_ += wanted;
    requested_ += size;
    result.address = address + rules_.header;
    return result;
}

bool FreeListAllocator::free(std::uint64_t address) {
    const auto taken = taken_.find(address - rules_.header);
    if (taken == taken_.end()) return false;
    const FreeBlock block{taken->first, taken->second.size};
    taken_bytes_ -= block.size;
    requested_ -= taken->second.requested;
    taken_.erase(taken);
    insert(block);
    return true;
}

void FreeListAllocator::insert(FreeBlock block) {
    if (rules_.coalescing == Coalescing::complete) merge_with_all(block);
    list_.insert(rules_.order == FreeListOrder::front ? list_.begin() : list_.end(), block);
    switch (rules_.order) {
    case FreeListOrder::address: std::ranges::stable_sort(list_, {}, &FreeBlock::address); break;
    case FreeListOrder::smallest_first: std::ranges::stable_sort(list_, {}, &FreeBlock::size); break;
    case FreeListOrder::largest_first: std::ranges::stable_sort(list_, std::ranges::greater{}, &FreeBlock::size); break;
    case FreeListOrder::front:
    case FreeListOrder::back: break;
    }
    if (rules_.coalescing == Coalescing::list_neighbours) merge_list_neighbours();
}

void FreeListAllocator::merge_list_neighbours() {
    std::size_t last = 0;
    for (std::size_t at = 1; at < list_.size(); ++at) {
        if (list_[at].address == list_[last].address + list_[last].size)
            list_[last].size += list_[at].size;
        else
            list_[++last] = list_[at];
    }
    list_.resize(last + 1);
}

// Takes those it touches, two at most, out of the list.
void FreeListAllocator::merge_with_all(FreeBlock& block) {
    std::erase_if(list_, [&block](const FreeBlock& other) {
        const bool before = other.address + other.size == block.address;
        const bool behind = block.address + block.size == other.address;
        if (before) block.address = other.address;
        if (before || behind) block.size += other.size;
        return before || behind;
    });
}

Fragmentation FreeListAllocator::fragmentation() const {
    Fragmentation all{.requested = requested_, .taken = taken_bytes_, .pieces = list_.size()};
    for (const FreeBlock& block : list_) {
        all.free += block.size;
        all.largest_free = std::max(all.largest_free, block.size);
    }
    return all;
}

} // namespace switchyard::sim
