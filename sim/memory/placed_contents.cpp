#include "sim/memory/placed_contents.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace switchyard::sim {

namespace {

// By squaring: additions and multiplications only, whose results are the same everywhere.
double power(double base, std::int64_t exponent) {
    double result = 1;
    for (; exponent > 0; exponent /= 2, base *= base)
        if (exponent % 2 == 1) result *= base;
    return result;
}

std::int64_t part_of(std::int64_t bytes, double share) { return std::llround(static_cast<double>(bytes) * share); }

} // namespace

PlacedContents::PlacedContents(Bytes capacity, Bytes way)
    : colours_(way.count / base_page.count), ways_(capacity.count / way.count) {
    assert(colours_ > 0 && ways_ > 0);
}

double PlacedContents::survival(std::int64_t other_pages) const {
    if (other_pages < ways_) return 1;
    if (colours_ == 1) return 0;
    const double same = 1 / static_cast<double>(colours_);
    double probability = power(1 - same, other_pages); // that none is of its colour, then one, two...
    double sum = probability;
    for (std::int64_t n = 1; n < ways_; ++n) {
        probability *= static_cast<double>(other_pages - n + 1) / static_cast<double>(n) * same / (1 - same);
        sum += probability;
    }
    return std::min(sum, 1.0);
}

std::int64_t PlacedContents::since(Owner owner) const {
    std::int64_t bytes = 0;
    const std::int64_t enough = 8 * ways_ * colours_ * base_page.count; // after that nothing is left
    for (Owner newer = shares_[owner].newer; newer != nobody && bytes < enough; newer = shares_[newer].newer)
        bytes += shares_[newer].bytes;
    return bytes;
}

Bytes PlacedContents::use(Owner owner, Bytes working_set) {
    if (owner >= shares_.size()) shares_.resize(owner + std::size_t{1});
    if (working_set.count <= 0) return {};
    const std::int64_t others_of_own = pages_of(working_set) - 1;
    const std::int64_t alone = part_of(working_set.count, survival(others_of_own));
    std::int64_t there = 0;
    if (const std::int64_t before = std::min(shares_[owner].bytes, working_set.count); before > 0)
        there = part_of(before, survival(others_of_own + pages_of(Bytes{since(owner)})));
    forget(owner);
    Share& share = shares_[owner];
    share = {working_set.count, newest_, nobody};
    if (newest_ != nobody) shares_[newest_].newer = owner;
    newest_ = owner;
    return {std::max<std::int64_t>(alone - there, 0)};
}

void PlacedContents::forget(Owner owner) {
    if (owner >= shares_.size() || shares_[owner].bytes == 0) return;
    const Share share = shares_[owner];
    if (share.older != nobody) shares_[share.older].newer = share.newer;
    (share.newer != nobody ? shares_[share.newer].older : newest_) = share.older;
    shares_[owner] = {};
}

Bytes PlacedContents::held(Owner owner) const {
    if (owner >= shares_.size() || shares_[owner].bytes == 0) return {};
    const std::int64_t bytes = shares_[owner].bytes;
    return {part_of(bytes, survival(pages_of(Bytes{bytes}) - 1 + pages_of(Bytes{since(owner)})))};
}

} // namespace switchyard::sim
