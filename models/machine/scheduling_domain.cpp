#include "models/machine/scheduling_domain.hpp"

#include <algorithm>
#include <tuple>

namespace switchyard {

std::string_view name_of(DomainLevel level) {
    switch (level) {
    case DomainLevel::smt: return "SMT";
    case DomainLevel::cluster: return "CLS";
    case DomainLevel::cache: return "MC";
    case DomainLevel::node: return "PKG";
    case DomainLevel::numa: return "NUMA";
    }
    return "";
}

CoreRange CoreSets::add(const CoreSet& cores) {
    const CoreRange next{static_cast<std::uint32_t>(pool_.size()), static_cast<std::uint32_t>(cores.size())};
    const auto [known, is_new] = known_.try_emplace(cores, next);
    if (is_new) pool_.insert(pool_.end(), cores.begin(), cores.end());
    return known->second;
}

namespace {

// Sets by their first cores.
struct FirstCoreOrder {
    const CoreSets& sets;
    bool operator()(CoreRange a, CoreRange b) const {
        return std::tuple(sets[a].front(), a) < std::tuple(sets[b].front(), b);
    }
};

class DomainBuilder {
public:
    DomainBuilder(std::span<const LevelSpans> levels, const CoreSets& sets) : levels_(levels), sets_(sets) {}

    DomainTable build() && {
        const std::size_t cores = levels_.front().span.size();
        for (std::uint32_t core = 0; core < cores; ++core) {
            const auto first = static_cast<std::uint32_t>(table_.domains.size());
            for (std::size_t level = 1; level < levels_.size(); ++level)
                if (span(level, core) != span(level - 1, core)) add(level, core);
            table_.of_core.push_back({first, static_cast<std::uint32_t>(table_.domains.size()) - first});
        }
        return std::move(table_);
    }

private:
    // What cores with one and the same domain share.
    struct Shared {
        std::uint32_t id = 0;
        std::uint32_t first_group = 0;
        std::uint32_t groups = 0;
        bool is_partition = false;
    };

    [[nodiscard]] CoreRange span(std::size_t level, std::uint32_t core) const { return levels_[level].span[core]; }

    void add(std::size_t level, std::uint32_t core) {
        const Shared& shared = shared_by(level, core);
        const auto begin = table_.groups.begin() + shared.first_group;
        const auto own = std::lower_bound(begin, begin + shared.groups, span(level - 1, core), FirstCoreOrder{sets_});
        table_.domains.push_back({levels_[level].level, shared.id, levels_[level].node_distance, span(level, core),
                                  shared.first_group, shared.groups, static_cast<std::uint32_t>(own - begin)});
    }

    // Cores of one span of the level below have the groups that the first of them finds.
    const Shared& shared_by(std::size_t level, std::uint32_t core) {
        const auto known = by_span_.find({level, span(level, core)});
        if (known != by_span_.end() && known->second.is_partition) return known->second;
        const auto seen = by_child_.find({level, span(level, core), span(level - 1, core)});
        if (seen != by_child_.end()) return seen->second;

        const std::vector<CoreRange> groups = groups_of(level, core);
        const auto [same, is_new] = by_groups_.try_emplace({level, span(level, core), groups});
        if (is_new) {
            same->second = {table_.different++, static_cast<std::uint32_t>(table_.groups.size()),
                            static_cast<std::uint32_t>(groups.size()), is_partition(level, groups)};
            table_.groups.insert(table_.groups.end(), groups.begin(), groups.end());
        }
        by_span_.try_emplace({level, span(level, core)}, same->second);
        return by_child_.try_emplace({level, span(level, core), span(level - 1, core)}, same->second).first->second;
    }

    // build_overlap_sched_groups: from the core's own on, each core that no group holds yet brings its span of the
    // level below, or the next below that which does not reach out of the domain (find_descended_sibling). Where spans
    // do not overlap this is build_sched_groups.
    [[nodiscard]] std::vector<CoreRange> groups_of(std::size_t level, std::uint32_t core) const {
        const auto cores = sets_[span(level, core)];
        const auto own = std::ranges::lower_bound(cores, core) - cores.begin();
        std::vector<bool> inside(levels_.front().span.size());
        for (const std::uint32_t member : cores) inside[member] = true;
        const auto reaches_out = [&](CoreRange set) {
            return !std::ranges::all_of(sets_[set], [&](std::uint32_t member) { return inside[member]; });
        };
        std::vector<CoreRange> groups;
        std::vector<bool> covered(inside.size());
        for (std::size_t i = 0; i < cores.size(); ++i) {
            const std::uint32_t next = cores[(static_cast<std::size_t>(own) + i) % cores.size()];
            if (covered[next]) continue;
            std::size_t below = level - 1;
            while (reaches_out(span(below, next))) --below;
            groups.push_back(span(below, next));
            for (const std::uint32_t member : sets_[groups.back()]) covered[member] = true;
        }
        std::ranges::sort(groups, FirstCoreOrder{sets_});
        return groups;
    }

    // Whether every core of a group has it as its span of the level below: then no other core finds other groups.
    [[nodiscard]] bool is_partition(std::size_t level, const std::vector<CoreRange>& groups) const {
        return std::ranges::all_of(groups, [&](CoreRange group) {
            return std::ranges::all_of(sets_[group],
                                       [&](std::uint32_t core) { return span(level - 1, core) == group; });
        });
    }

    std::span<const LevelSpans> levels_;
    const CoreSets& sets_;
    DomainTable table_;
    std::map<std::tuple<std::size_t, CoreRange>, Shared> by_span_;
    std::map<std::tuple<std::size_t, CoreRange, CoreRange>, Shared> by_child_;
    std::map<std::tuple<std::size_t, CoreRange, std::vector<CoreRange>>, Shared> by_groups_;
};

} // namespace

DomainTable scheduling_domains(std::span<const LevelSpans> levels, const CoreSets& sets) {
    return DomainBuilder(levels, sets).build();
}

} // namespace switchyard
