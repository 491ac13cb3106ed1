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
    if (shape.ways > most_ways_in_order && shape.ways <= most_hashed_ways) {
        hashed_sets_.resize(shape.sets);
        last_position_ = 4U * (shape.ways - 1U);
    } else {
        tags_.resize(std::size_t{shape.sets} * shape.ways);
    }
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

bool TranslationCache::reference_among(unsigned candidates, HashedSet& set, unsigned last_position, std::uint64_t tag) {
    while (candidates != 0 && set.tags[static_cast<unsigned>(std::countr_zero(candidates))] != tag)
        candidates &= candidates - 1;
    const bool hit = candidates != 0;
    const std::uint64_t way =
        hit ? static_cast<unsigned>(std::countr_zero(candidates)) : set.order >> last_position & 15U;
    set.tags[way] = tag;
    set.hashes[way] = short_hash(tag);
    set.order = RecencyOrder::with_first(set.order, way);
    return hit;
}

bool TranslationCache::holds(std::uint64_t index, std::uint64_t tag) const {
    if (shape_.sets == 0) return false;
    const std::uint64_t* const tags = tags_of(index & set_mask_);
    return std::find(tags, tags + shape_.ways, tag) != tags + shape_.ways;
}

void TranslationCache::remove(std::uint64_t index, std::uint64_t tag) {
    if (shape_.sets == 0) return;
    const std::size_t set = index & set_mask_;
    const std::uint64_t* const of_set = tags_of(set);
    const std::uint64_t* const found = std::find(of_set, of_set + shape_.ways, tag);
    if (found == of_set + shape_.ways) return;
    const auto way = static_cast<std::size_t>(found - of_set);
    if (hashed_sets_.empty()) {
        const std::span tags = std::span(tags_).subspan(set * shape_.ways, shape_.ways);
        std::ranges::copy(tags.subspan(way + 1), tags.subspan(way).begin());
        tags.back() = 0;
        return;
    }
    HashedSet& hashed = hashed_sets_[set];
    hashed.tags[way] = 0;
    hashed.hashes[way] = no_short_hash;
    // The less recent ones move up by one place, and it comes last of those that are used.
    hashed.order = RecencyOrder::with_put_back(hashed.order, way, last_position_ / 4);
}

void TranslationCache::clear() {
    std::ranges::fill(tags_, 0);
    std::ranges::fill(hashed_sets_, HashedSet{});
}

} // namespace switchyard::sim
