#include "sim/memory/cache_contents.hpp"

#include <algorithm>

namespace switchyard::sim {

void CacheContents::unlink(Owner owner) {
    const Share& share = shares_[owner];
    (share.older == nobody ? oldest_ : shares_[share.older].newer) = share.newer;
    (share.newer == nobody ? newest_ : shares_[share.newer].older) = share.older;
}

void CacheContents::make_newest(Owner owner) {
    Share& share = shares_[owner];
    share.older = newest_;
    share.newer = nobody;
    (newest_ == nobody ? oldest_ : shares_[newest_].newer) = owner;
    newest_ = owner;
}

std::int64_t CacheContents::found(Owner owner, std::int64_t working_set) const {
    const Share& share = shares_[owner];
    if (working_set > capacity_ || share.bytes == 0) return 0;
    const std::int64_t kept = std::min(share.bytes, working_set);
    std::int64_t room = capacity_ - used_ + share.bytes - kept;
    for (Owner older = share.older; older != nobody; older = shares_[older].older) room += shares_[older].bytes;
    return working_set - kept > room ? 0 : kept;
}

Bytes CacheContents::use(Owner owner, Bytes working_set) {
    if (owner >= shares_.size()) shares_.resize(owner + 1);
    if (working_set.count <= 0) return {};
    const std::int64_t there = found(owner, working_set.count);
    // What it held and no longer goes over (a smaller working set than before) is the first to be given up, so it
    // counts as free.
    forget(owner);
    const std::int64_t wanted = std::min(working_set.count, capacity_);
    while (capacity_ - used_ < wanted) {
        Share& victim = shares_[oldest_];
        const std::int64_t goes = std::min(victim.bytes, wanted - (capacity_ - used_));
        victim.bytes -= goes;
        used_ -= goes;
        if (victim.bytes == 0) unlink(oldest_);
    }
    shares_[owner].bytes = wanted;
    used_ += wanted;
    if (wanted > 0) make_newest(owner);
    return {working_set.count - there};
}

void CacheContents::forget(Owner owner) {
    if (owner >= shares_.size() || shares_[owner].bytes == 0) return;
    unlink(owner);
    used_ -= shares_[owner].bytes;
    shares_[owner].bytes = 0;
}

Bytes CacheContents::held(Owner owner) const { return owner < shares_.size() ? Bytes{shares_[owner].bytes} : Bytes{}; }

} // namespace switchyard::sim
