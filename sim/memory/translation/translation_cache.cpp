#include "sim/memory/translation/translation_cache.hpp"

#include "models/errors.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace switchyard::sim {

namespace {

constexpr unsigned most_ways_in_order = 4;
constexpr std::uint64_t most_entries = std::uint64_t{1} << 20U;

} // namespace

TranslationCache::TranslationCache(TranslationCacheShape shape) : shape_(shape) {
    if (shape.sets == 0) {
        shape_.ways = 0;
        return;
    }
    const std::string text = fmt::format("{}x{}", shape.sets, shape.ways);
    if (!std::has_single_bit(shape.sets))
        throw InputError(fmt::format("a cache of translations of {} (sets x ways): sets are a power of two", text));
    if (shape.ways == 0) throw InputError(fmt::format("a cache of translations of {} (sets x ways) has no ways", text));
    if (std::uint64_t{shape.sets} * shape.ways > most_entries)
        throw InputError(
            fmt::format("a cache of translations of {} (sets x ways): at most {} entries", text, most_entries));
    set_mask_ = shape.sets - 1;
    tags_.resize(std::size_t{shape.sets} * shape.ways);
    if (shape.ways > most_ways_in_order && shape.ways <= most_hashed_ways) {
        orders_.resize(shape.sets);
        hashes_.resize(std::size_t{shape.sets} * most_hashed_ways);
        last_position_ = 4U * (shape.ways - 1U);
        ordered_ = ~std::uint64_t{0} >> (60U - last_position_);
    }
    clear();
}

bool TranslationCache::reference_in_order(std::uint64_t* tags, std::uint64_t tag) const {
    if (shape_.sets == 0) return false;
    if (tags[0] == tag) return true;
    std::uint64_t* const end = tags + shape_.ways;
    std::uint64_t* const found = std::find(tags, end, tag);
    const bool hit = found != end;
    std::move_backward(tags, hit ? found : end - 1, hit ? found + 1 : end);
    tags[0] = tag;
    return hit;
}

bool TranslationCache::reference_among(unsigned candidates, std::size_t set, std::uint64_t* tags, std::uint64_t tag) {
    while (candidates != 0 && tags[std::countr_zero(candidates)] != tag) candidates &= candidates - 1;
    const bool hit = candidates != 0;
    std::uint64_t& order = orders_[set];
    const std::uint64_t way = hit ? static_cast<unsigned>(std::countr_zero(candidates)) : order >> last_position_ & 15U;
    tags[way] = tag;
    hashes_[set * most_hashed_ways + way] = short_hash(tag);
    order = RecencyOrder::with_first(order, way);
    return hit;
}

bool TranslationCache::holds(std::uint64_t index, std::uint64_t tag) const {
    if (shape_.sets == 0) return false;
    const std::uint64_t* const tags = tags_.data() + (index & set_mask_) * shape_.ways;
    return std::find(tags, tags + shape_.ways, tag) != tags + shape_.ways;
}

void TranslationCache::remove(std::uint64_t index, std::uint64_t tag) {
    if (shape_.sets == 0) return;
    const std::size_t set = index & set_mask_;
    std::uint64_t* const tags = tags_.data() + set * shape_.ways;
    std::uint64_t* const end = tags + shape_.ways;
    std::uint64_t* const found = std::find(tags, end, tag);
    if (found == end) return;
    if (orders_.empty()) {
        std::move(found + 1, end, found);
        end[-1] = 0;
        return;
    }
    const auto way = static_cast<unsigned>(found - tags);
    *found = 0;
    hashes_[set * most_hashed_ways + way] = no_short_hash;
    // The less recent ones move up by one place, and it comes last of those that are used.
    orders_[set] = RecencyOrder::with_put_back(orders_[set], way, last_position_ / 4);
}

void TranslationCache::clear() {
    std::ranges::fill(tags_, 0);
    std::ranges::fill(hashes_, no_short_hash);
    std::ranges::fill(orders_, RecencyOrder::first);
}

} // namespace switchyard::sim
