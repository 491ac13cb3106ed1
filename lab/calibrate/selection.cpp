#include "lab/calibrate/selection.hpp"

#include "lab/calibrate/held_out.hpp"
#include "lab/calibrate/laws.hpp"
#include "models/errors.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace switchyard::lab {

namespace {

using Names = std::set<std::string_view>;

const MarginalLaw* law_of(Cost cost) {
    const auto found = std::ranges::find(marginal_laws(), cost, &MarginalLaw::cost);
    return found == marginal_laws().end() ? nullptr : &*found;
}

// The law's probes, and those of all it is less of.
void add_probes_of(const MarginalLaw& law, Names& probes) {
    for (const Reading& reading : law.readings) {
        probes.insert(reading.probe);
        if (!reading.minus.empty()) probes.insert(reading.minus);
    }
    for (const Part& part : law.excludes)
        if (const MarginalLaw* const other = law_of(part.cost)) add_probes_of(*other, probes);
}

Names probes_named(std::span<const std::string> only) {
    Names wanted;
    for (const std::string& beginning : only) {
        bool is_known = false;
        for (const native::Probe& probe : native::probes()) {
            if (!probe.name.starts_with(beginning)) continue;
            wanted.insert(probe.name);
            is_known = true;
        }
        for (const MarginalLaw& law : marginal_laws()) {
            if (!describe(law.cost).name.starts_with(beginning)) continue;
            add_probes_of(law, wanted);
            is_known = true;
        }
        if (is_known) continue;
        std::vector<std::string_view> names;
        for (const native::Probe& probe : native::probes()) names.push_back(probe.name);
        for (const MarginalLaw& law : marginal_laws()) names.push_back(describe(law.cost).name);
        throw InputError(
            fmt::format("no probe and no law begins with '{}'{}; 'switchyard profile show reference' lists "
                        "the laws",
                        beginning, suggestion(beginning, names)));
    }
    return wanted;
}

} // namespace

std::vector<ProbeRecord> wanted_records(std::span<const std::string> only, std::int64_t most_pages) {
    const Names wanted = probes_named(only);
    std::vector<ProbeRecord> records;
    for (const native::Probe& probe : native::probes()) {
        if (!only.empty() && !wanted.contains(probe.name)) continue;
        if (probe.amounts.empty()) {
            records.push_back({&probe, 0, {}, {}});
            continue;
        }
        const std::size_t first = records.size();
        const auto add = [&](std::int64_t amount, bool held_out) {
            const bool takes_memory = probe.over == Quantity::pages || probe.over == Quantity::pages_since;
            if (!takes_memory || amount <= most_pages || amount == probe.amounts.front())
                records.push_back({&probe, amount, {}, {}, held_out});
        };
        for (const std::int64_t amount : probe.amounts) add(amount, false);
        for (const std::int64_t amount : held_out_amounts(probe)) add(amount, true);
        std::ranges::sort(records.begin() + static_cast<std::ptrdiff_t>(first), records.end(), {},
                          &ProbeRecord::amount);
    }
    return records;
}

double weight_of(const ProbeRecord& record) { return record.probe->weight * (record.held_out ? held_out_weight : 1); }

} // namespace switchyard::lab
