#include "sim/memory/translation/tlb.hpp"

#include "models/errors.hpp"

#include <algorithm>
#include <cassert>

namespace switchyard::sim {

namespace {

constexpr unsigned most_identifiers = 4096; // what 12 bits of PCID tell apart
constexpr std::uint32_t last_context = 0xffff;

} // namespace

TranslationDescription usual_translation() {
    using enum PageSize;
    return {
        .first_level_instruction = {{{16, 8}, {small}}, {{1, 8}, {large}}},
        .first_level_data = {{{16, 4}, {small}}, {{8, 4}, {large}}, {{1, 4}, {huge}}},
        .second_level = {{{128, 12}, {small, large}}, {{4, 4}, {huge}}},
        .page_table = {4},
        .walk_caches = {{{8, 4}, {1, 4}, {1, 2}, {1, 1}}},
        .identifiers = 6,
    };
}

TranslationCounts& TranslationCounts::operator+=(const TranslationCounts& other) {
    accesses += other.accesses;
    first_level_misses += other.first_level_misses;
    second_level_misses += other.second_level_misses;
    walks += other.walks;
    levels_read += other.levels_read;
    return *this;
}

TranslationCounts TranslationCounts::operator-(const TranslationCounts& earlier) const {
    return {accesses - earlier.accesses, first_level_misses - earlier.first_level_misses,
            second_level_misses - earlier.second_level_misses, walks - earlier.walks,
            levels_read - earlier.levels_read};
}

// --- Construction ------------------------------------------------------------------------------------------------

TranslationHardware::TranslationHardware(const TranslationDescription& description)
    : levels_(radix_levels(description.page_table.levels).levels),
      bits_(description.page_table.bits()),
      arrays_(1),
      identified_(description.identifiers, no_address_space) {
    if (description.identifiers > most_identifiers)
        throw InputError("a TLB tells at most " + std::to_string(most_identifiers) + " address spaces apart");
    put_arrays(instruction_side, description.first_level_instruction);
    put_arrays(data_side, description.first_level_data);
    put_arrays(2, description.second_level);
    for (unsigned level = 2; level <= levels_; ++level)
        walk_caches_[level] = TranslationCache(description.walk_caches[level - 2]);
}

void TranslationHardware::put_arrays(std::size_t level, const std::vector<TlbArray>& arrays) {
    for (const TlbArray& array : arrays) {
        for (const PageSize size : array.sizes) {
            std::uint8_t& index = array_of_[level][to_index(size)];
            if (index != 0) throw InputError("a TLB level has two arrays for the same size of pages");
            index = static_cast<std::uint8_t>(arrays_.size());
        }
        arrays_.emplace_back(array.shape);
    }
}

// --- Accesses ----------------------------------------------------------------------------------------------------

template <class PageAt>
TranslationCounts TranslationHardware::access_several(AddressSpaceId space, std::size_t count, PageSize size,
                                                      AccessKind kind, const PageAt& page_at) {
    TranslationCounts counts;
    if (count == 0) return counts;
    const std::uint32_t context = context_of(space);
    const Side side = kind == AccessKind::instruction ? instruction_side : data_side;
    TranslationCache& first = first_level(side, size);
    const bool holds_some = first.shape().sets != 0;
    counts.accesses = count;
    std::array<std::uint64_t, 512> batch; // written before it is read
    for (std::size_t done = 0; done < count;) {
        const std::size_t together = std::min(count - done, batch.size());
        const auto tag_at = [&](std::size_t i) { return tag_of(context, page_at(done + i), size); };
        std::size_t left = first.reference_all(together, tag_at, latest_[side], batch.data());
        latest_[side] = holds_some ? tag_at(together - 1) : 0;
        counts.first_level_misses += left;
        left = second_level(size).reference_all(
            left, [&](std::size_t i) { return batch[i]; }, 0, batch.data());
        counts.second_level_misses += left;
        counts.walks += left;
        counts.levels_read += walk_all(std::span(batch).first(left), size);
        done += together;
    }
    counts_[static_cast<std::size_t>(kind)] += counts;
    return counts;
}

TranslationCounts TranslationHardware::access_pages(AddressSpaceId space, std::span<const std::uint64_t> pages,
                                                    PageSize size, AccessKind kind) {
    return access_several(space, pages.size(), size, kind, [=](std::size_t at) { return pages[at]; });
}

TranslationCounts TranslationHardware::access_range(AddressSpaceId space, std::uint64_t first, std::uint64_t count,
                                                    PageSize size, AccessKind kind) {
    return access_several(space, count, size, kind, [=](std::size_t at) { return first + at; });
}

// The levels that walks for these pages read.
std::uint64_t TranslationHardware::walk_all(std::span<std::uint64_t> tags, PageSize size) {
    std::uint64_t levels_read = tags.size();
    if (tags.empty()) return levels_read;
    const unsigned leaf = to_level(size);
    const std::uint64_t of_size = static_cast<std::uint64_t>(size) << 1U;
    // The table of the walk before, where its entry is the most recent of its walk cache.
    std::uint64_t before = (latest_table_ & size_bits) == of_size ? latest_table_ & ~size_bits : 0;
    latest_table_ = 0;
    for (unsigned level = leaf + 1; level <= levels_ && !tags.empty(); ++level, before = 0) {
        const auto table_at = [&](std::size_t i) {
            return (tags[i] >> page_shift >> bits_) << page_shift | (tags[i] & low_tag_bits & ~size_bits);
        };
        TranslationCache& cache = walk_caches_[level];
        if (level == leaf + 1 && cache.shape().sets != 0) latest_table_ = table_at(tags.size() - 1) | of_size;
        tags = tags.first(cache.reference_all(tags.size(), table_at, before, tags.data()));
        levels_read += tags.size();
    }
    return levels_read;
}

Translation TranslationHardware::access_across(AddressSpaceId space, std::uint64_t first, std::uint64_t count,
                                               PageSize size, AccessKind kind) {
    const std::uint32_t context = context_of(space);
    const Side side = kind == AccessKind::instruction ? instruction_side : data_side;
    TranslationCounts& counts = counts_[static_cast<std::size_t>(kind)];
    ++counts.accesses;
    latest_[side] = 0;
    bool all_hit = true;
    for (std::uint64_t page = first; page < first + count; ++page)
        all_hit &= first_level(side, size).reference(page, tag_of(context, page, size));
    if (all_hit) return {};
    ++counts.first_level_misses;
    Translation result{TranslationSource::second_level, 0};
    for (std::uint64_t page = first; page < first + count; ++page) {
        const std::uint64_t tag = tag_of(context, page, size);
        if (second_level(size).reference(page, tag)) continue;
        result.source = TranslationSource::walk;
        result.levels_read += walk(tag, page, size, counts);
    }
    counts.second_level_misses += result.source == TranslationSource::walk;
    return result;
}

std::uint32_t TranslationHardware::walk_from_other_table(std::uint64_t table, PageSize size,
                                                         TranslationCounts& counts) {
    const unsigned leaf = to_level(size);
    assert(leaf <= levels_);
    unsigned level = leaf + 1;
    std::uint64_t prefix = table >> page_shift;
    const std::uint64_t low_bits = table & low_tag_bits & ~size_bits; // pages of all sizes share what lies above them
    for (; level <= levels_; ++level, prefix >>= bits_)
        if (walk_caches_[level].reference(prefix, prefix << page_shift | low_bits)) break;
    // Without a cache of the first of these levels the next walk is not to find one there.
    latest_table_ = leaf < levels_ && walk_caches_[leaf + 1].shape().sets != 0 ? table : 0;
    counts.levels_read += level - leaf;
    return level - leaf;
}

TranslationCounts TranslationHardware::counts() const {
    TranslationCounts all;
    for (const TranslationCounts& of_kind : counts_) all += of_kind;
    return all;
}

bool TranslationHardware::holds(Level level, AddressSpaceId space, std::uint64_t page, PageSize size) const {
    const std::uint32_t context = known_context(space);
    return context != no_context &&
           arrays_[array_of_[static_cast<std::size_t>(level)][to_index(size)]].holds(page, tag_of(context, page, size));
}

// --- Address spaces ----------------------------------------------------------------------------------------------

std::uint32_t TranslationHardware::other_context(AddressSpaceId space) {
    if (space == every_address_space) {
        holds_global_ = true;
        return global_context;
    }
    load(space);
    return context_;
}

std::uint32_t TranslationHardware::known_context(AddressSpaceId space) const {
    if (space == every_address_space) return global_context;
    if (space == loaded_) return context_;
    if (space == no_address_space) return no_context;
    const auto found = std::ranges::find(identified_, space);
    if (found == identified_.end()) return no_context;
    return static_cast<std::uint32_t>(found - identified_.begin()) + 1;
}

bool TranslationHardware::load(AddressSpaceId space) {
    if (space == loaded_ || space == every_address_space || space == no_address_space) return false;
    const bool first = loaded_ == no_address_space;
    loaded_ = space;
    if (identified_.empty()) {
        if (first) return false; // nothing was ever cached
        take_new_context();
        ++flushes_;
        return true;
    }
    const auto known = std::ranges::find(identified_, space);
    if (known != identified_.end()) {
        context_ = static_cast<std::uint32_t>(known - identified_.begin()) + 1;
        return false;
    }
    const std::size_t identifier = next_identifier_;
    next_identifier_ = (identifier + 1) % identified_.size();
    context_ = static_cast<std::uint32_t>(identifier) + 1;
    const bool was_taken = identified_[identifier] != no_address_space;
    identified_[identifier] = space;
    if (!was_taken) return false;
    forget(context_);
    ++flushes_;
    return true;
}

// --- Flushes -----------------------------------------------------------------------------------------------------

// Dead entries are as good as empty ways as long as nothing alive is less recent: not so where there are global pages.
void TranslationHardware::take_new_context() {
    if (holds_global_) {
        forget(context_);
        return;
    }
    if (context_ == last_context)
        flush_all();
    else
        ++context_;
    forget_latest();
}

void TranslationHardware::forget_walks(std::uint32_t context) {
    for (TranslationCache& cache : walk_caches_)
        cache.remove_if([&](std::uint64_t tag) { return context_of_tag(tag) == context; });
}

void TranslationHardware::forget(std::uint32_t context) {
    for (TranslationCache& array : arrays_)
        array.remove_if([&](std::uint64_t tag) { return context_of_tag(tag) == context; });
    forget_walks(context);
    forget_latest();
}

void TranslationHardware::flush_all() {
    for (TranslationCache& array : arrays_) array.clear();
    for (TranslationCache& cache : walk_caches_) cache.clear();
    if (identified_.empty()) context_ = 1;
    holds_global_ = false;
    forget_latest();
}

void TranslationHardware::flush_address_space(AddressSpaceId space) {
    const std::uint32_t context = known_context(space);
    if (context == no_context) return;
    if (identified_.empty() && context != global_context)
        take_new_context();
    else
        forget(context);
}

void TranslationHardware::forget_page(std::uint32_t context, std::uint64_t page, PageSize size) {
    for (const auto& by_size : array_of_) arrays_[by_size[to_index(size)]].remove(page, tag_of(context, page, size));
}

void TranslationHardware::flush_page(AddressSpaceId space, std::uint64_t page, PageSize size) {
    const std::uint32_t context = known_context(space);
    if (context == no_context) return;
    forget_page(context, page, size);
    forget_walks(context);
    forget_latest();
}

void TranslationHardware::flush_range(AddressSpaceId space, std::uint64_t first_small_page, std::uint64_t count) {
    replace_range(space, first_small_page, count);
    if (const std::uint32_t context = known_context(space); context != no_context && count > 0) forget_walks(context);
}

void TranslationHardware::replace_range(AddressSpaceId space, std::uint64_t first_small_page, std::uint64_t count) {
    constexpr std::uint64_t dearer_than_a_scan = 64; // pages looked for one by one
    const std::uint32_t context = known_context(space);
    if (context == no_context || count == 0) return;
    std::array<std::uint64_t, page_size_count> first{};
    std::array<std::uint64_t, page_size_count> last{};
    for (unsigned size = 0; size < page_size_count; ++size) {
        first[size] = first_small_page >> size * bits_;
        last[size] = (first_small_page + count - 1) >> size * bits_;
    }
    if (count <= dearer_than_a_scan) {
        for (unsigned size = 0; size < page_size_count; ++size)
            for (std::uint64_t page = first[size]; page <= last[size]; ++page)
                forget_page(context, page, static_cast<PageSize>(size));
    } else {
        for (TranslationCache& array : arrays_)
            array.remove_if([&](std::uint64_t tag) {
                const std::uint64_t page = tag >> page_shift;
                const std::size_t size = tag >> 1U & 3U;
                return context_of_tag(tag) == context && first[size] <= page && page <= last[size];
            });
    }
    forget_latest();
}

} // namespace switchyard::sim
