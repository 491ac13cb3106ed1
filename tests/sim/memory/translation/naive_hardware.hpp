// The same hardware as TranslationHardware, told in lists: every set is a list of its entries, the most recent first.
// Slow, and with nothing in it that is not in the description.
#pragma once

#include "sim/memory/translation/tlb.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <vector>

namespace switchyard::sim {

struct NaiveEntry {
    AddressSpaceId space;
    std::uint64_t page; // or prefix of a walk
    PageSize size;
    friend bool operator==(const NaiveEntry&, const NaiveEntry&) = default;
};

struct NaiveCache {
    TranslationCacheShape shape;
    std::map<std::uint64_t, std::deque<NaiveEntry>> sets;

    bool reference(const NaiveEntry& entry) {
        if (shape.sets == 0) return false;
        auto& set = sets[entry.page % shape.sets];
        const bool hit = std::erase(set, entry) != 0;
        set.push_front(entry);
        if (set.size() > shape.ways) set.pop_back();
        return hit;
    }
    bool holds(const NaiveEntry& entry) {
        return shape.sets != 0 && std::ranges::count(sets[entry.page % shape.sets], entry) != 0;
    }
    template <class Predicate>
    void remove_if(const Predicate& is_unwanted) {
        for (auto& [index, set] : sets) std::erase_if(set, is_unwanted);
    }
};

struct NaiveHardware {
    explicit NaiveHardware(const TranslationDescription& description)
        : about(description), owners(description.identifiers, no_address_space) {
        for (const auto* level : {&about.first_level_instruction, &about.first_level_data, &about.second_level}) {
            levels.emplace_back();
            for (const TlbArray& array : *level) levels.back().push_back({array.shape, {}});
        }
        for (const TranslationCacheShape& shape : about.walk_caches) walk_caches.push_back({shape, {}});
    }

    NaiveCache* array(std::size_t level, PageSize size) {
        const auto& arrays = level == 0   ? about.first_level_instruction
                             : level == 1 ? about.first_level_data
                                          : about.second_level;
        for (std::size_t i = 0; i < arrays.size(); ++i)
            if (std::ranges::count(arrays[i].sizes, size) != 0) return &levels[level][i];
        return nullptr;
    }
    bool reference(std::size_t level, const NaiveEntry& entry) {
        NaiveCache* const cache = array(level, entry.size);
        return cache != nullptr && cache->reference(entry);
    }

    void load(AddressSpaceId space) {
        if (space == loaded || space == every_address_space) return;
        loaded = space;
        if (owners.empty()) {
            remove_if([](const NaiveEntry& entry) { return entry.space != every_address_space; });
        } else if (std::ranges::count(owners, space) == 0) {
            const AddressSpaceId leaves = owners[next];
            remove_if([&](const NaiveEntry& entry) { return entry.space == leaves; });
            owners[next] = space;
            next = (next + 1) % owners.size();
        }
    }
    template <class Predicate>
    void remove_if(const Predicate& is_unwanted) {
        for (auto& level : levels)
            for (NaiveCache& cache : level) cache.remove_if(is_unwanted);
        for (NaiveCache& cache : walk_caches) cache.remove_if(is_unwanted);
    }
    void remove_walks(AddressSpaceId space) {
        for (NaiveCache& cache : walk_caches)
            cache.remove_if([&](const NaiveEntry& entry) { return entry.space == space; });
    }
    void flush_range(AddressSpaceId space, std::uint64_t first, std::uint64_t count) {
        for (auto& level : levels)
            for (NaiveCache& cache : level)
                cache.remove_if([&](const NaiveEntry& entry) {
                    const unsigned shift = static_cast<unsigned>(entry.size) * about.page_table.bits();
                    const std::uint64_t begin = entry.page << shift;
                    const std::uint64_t end = (entry.page + 1) << shift;
                    return entry.space == space && begin < first + count && first < end;
                });
        remove_walks(space);
    }

    // The levels a walk reads.
    std::uint32_t walk(const NaiveEntry& entry) {
        std::uint32_t read = 1;
        const unsigned leaf = static_cast<unsigned>(entry.size) + 1;
        for (unsigned level = leaf + 1; level <= about.page_table.levels; ++level, ++read) {
            const std::uint64_t prefix = entry.page >> about.page_table.bits() * (level - leaf);
            if (walk_caches[level - 2].reference({entry.space, prefix, PageSize::small})) break;
        }
        return read;
    }
    Translation access(AddressSpaceId space, std::uint64_t page, PageSize size, AccessKind kind) {
        load(space);
        const NaiveEntry entry{space, page, size};
        if (reference(kind == AccessKind::instruction ? 0 : 1, entry)) return {TranslationSource::first_level, 0};
        if (reference(2, entry)) return {TranslationSource::second_level, 0};
        return {TranslationSource::walk, walk(entry)};
    }

    TranslationDescription about;
    std::vector<std::vector<NaiveCache>> levels;
    std::vector<NaiveCache> walk_caches;
    std::vector<AddressSpaceId> owners; // of the identifiers
    std::size_t next = 0;
    AddressSpaceId loaded = no_address_space;
};

} // namespace switchyard::sim
