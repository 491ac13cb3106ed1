#include "lab/suite/basis.hpp"

#include "sim/simulate.hpp"

#include <algorithm>

namespace switchyard::lab {

namespace {

constexpr std::int64_t dearer = 1'000'000; // ps: seen in any sum of times

// Points that a law says it was fitted to; profiles that do not list them have the points of their tables.
template <class Origin>
void add_points(std::vector<std::int64_t>& amounts, const Origin& origin) {
    if constexpr (requires { origin.points; })
        for (const auto& point : origin.points)
            if (!point.held_out) amounts.push_back(point.at);
}

Quantity quantity_of(const Law& law) { return law.kind == Law::Kind::table ? law.over : law.terms.front().quantity; }

// The law as a table with a point at every fitted amount, and, where `is_dearer`, more from the next amount on up to
// the one before the next point.
Law between_points(const Law& law, const std::vector<std::int64_t>& amounts, bool is_dearer) {
    const Quantity quantity = quantity_of(law);
    const std::int64_t more = is_dearer ? to_fixed_point(static_cast<double>(dearer)) : 0;
    const auto value_at = [&](std::int64_t amount) {
        return to_fixed_point(static_cast<double>(evaluate(law, {quantity, amount})));
    };
    Law table = law;
    table.kind = Law::Kind::table;
    table.over = quantity;
    table.terms.clear();
    table.points.clear();
    const auto add = [&](std::int64_t at, std::int64_t value) {
        if (table.points.empty() || table.points.back().at < at) table.points.push_back({at, value});
    };
    if (amounts.front() > 0) {
        add(0, value_at(0) + more);
        add(amounts.front() - 1, value_at(amounts.front() - 1) + more);
    }
    for (std::size_t i = 0; i < amounts.size(); ++i) {
        add(amounts[i], value_at(amounts[i]));
        const std::int64_t last = i + 1 < amounts.size() ? amounts[i + 1] - 1 : 2 * amounts[i] + 2;
        add(amounts[i] + 1, value_at(amounts[i] + 1) + more);
        add(last, value_at(last) + more);
    }
    return table;
}

// The profile with those laws dearer between their points, all others that have a quantity as they are, but as tables
// all the same, so that rounding is no difference.
CostProfile dearer_between(const CostProfile& profile, const std::vector<Cost>& laws, std::optional<Cost> only) {
    CostProfile changed = profile;
    for (const Cost cost : laws)
        changed[cost] = between_points(*profile[cost], fitted_amounts(*profile[cost]), !only || *only == cost);
    return changed;
}

} // namespace

std::vector<std::int64_t> fitted_amounts(const Law& law) {
    std::vector<std::int64_t> amounts;
    if (law.kind == Law::Kind::constant || (law.kind == Law::Kind::affine && law.terms.size() != 1)) return amounts;
    add_points(amounts, law.origin);
    if (amounts.empty() && law.kind == Law::Kind::table)
        for (const Law::Point& point : law.points) amounts.push_back(point.at);
    std::ranges::sort(amounts);
    const auto [first, last] = std::ranges::unique(amounts);
    amounts.erase(first, last);
    return amounts;
}

std::optional<Charged> how_charged(const Scenario& scenario, const CostProfile& profile, std::stop_token stop) {
    std::vector<Cost> laws;
    for (int i = 0; i < costs; ++i) {
        const auto cost = static_cast<Cost>(i);
        if (profile[cost] && describe(cost).unit == CostUnit::picoseconds && !fitted_amounts(*profile[cost]).empty())
            laws.push_back(cost);
    }
    sim::SimulationOptions options;
    options.stop = std::move(stop);
    CostProfile plain = profile;
    for (const Cost cost : laws) plain[cost] = between_points(*profile[cost], fitted_amounts(*profile[cost]), false);
    const Report before = sim::simulate(scenario, plain, options);
    if (before.outcome != Outcome::completed) return std::nullopt;
    const auto changes = [&](std::optional<Cost> only) {
        const Report after = sim::simulate(scenario, dearer_between(profile, laws, only), options);
        return after.makespan != before.makespan || after.time != before.time;
    };
    Charged charged;
    if (laws.empty() || !changes(std::nullopt)) return charged;
    charged.basis = Basis::predicted;
    for (const Cost cost : laws)
        if (changes(cost)) charged.unmeasured.emplace_back(describe(cost).name);
    return charged;
}

} // namespace switchyard::lab
