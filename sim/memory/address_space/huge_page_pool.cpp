#include "sim/memory/address_space/huge_page_pool.hpp"

#include <cassert>
#include <utility>

namespace switchyard::sim::memory {

HugePagePool::HugePagePool(std::uint32_t pages) : pages_(pages) {
    for (std::uint32_t page = pages; page-- > 0;) free_.push_back(page);
}

bool HugePagePool::reserve(std::uint64_t pages) {
    if (available() < 0 || pages > static_cast<std::uint64_t>(available())) return false;
    reserved_ += static_cast<std::int64_t>(pages);
    return true;
}

std::uint32_t HugePagePool::take(bool was_reserved) {
    if (free_.empty() || (!was_reserved && available() <= 0)) return no_frame;
    if (was_reserved) --reserved_;
    const std::uint32_t page = free_.back();
    free_.pop_back();
    pages_[page] = {};
    return page;
}

void HugePagePool::give_back(std::uint32_t page) {
    assert(pages_[page].maps == 0);
    if (std::exchange(pages_[page].restores_reservation, false)) ++reserved_;
    pages_[page].contents.clear();
    free_.push_back(page);
}

} // namespace switchyard::sim::memory
