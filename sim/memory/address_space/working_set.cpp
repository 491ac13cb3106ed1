#include "sim/memory/address_space/working_set.hpp"

#include <algorithm>
#include <utility>

namespace switchyard::sim::memory {

std::uint64_t& WorkingSetMeter::last_window_of(PageNumber page) {
    const PageNumber number = page >> chunk_bits;
    if (number != recent_number_) {
        std::unique_ptr<Chunk>& chunk = chunks_[number];
        if (!chunk) chunk = std::make_unique<Chunk>();
        recent_number_ = number;
        recent_ = chunk.get();
    }
    return (*recent_)[page & ((PageNumber{1} << chunk_bits) - 1)];
}

void WorkingSetMeter::reference(PageNumber first, PageNumber pages) {
    for (PageNumber page = first; page < first + pages; ++page) {
        if (std::exchange(last_window_of(page), now_) != now_) ++distinct_;
        if (++in_window_ < window_) continue;
        sum_ += distinct_;
        most_ = std::max(most_, distinct_);
        ++windows_;
        ++now_;
        in_window_ = 0;
        distinct_ = 0;
    }
}

} // namespace switchyard::sim::memory
