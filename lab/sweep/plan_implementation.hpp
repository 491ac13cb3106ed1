// What a plan keeps, and a cell worked out from it. For lab/sweep only.
#pragma once

#include "formats/scenario/override.hpp"
#include "lab/sweep/hash.hpp"
#include "lab/sweep/plan.hpp"
#include "lab/sweep/scaled_profile.hpp"
#include "models/scenario/scenario.hpp"
#include "models/sweep/design.hpp"
#include "models/sweep/expression.hpp"

#include <map>

namespace switchyard::lab {

// A profile that points run under, and what identities say of it.
struct KnownProfile {
    CostProfile profile; // without_origins
    PointIdentity digest{};
};
[[nodiscard]] KnownProfile known_profile(const CostProfile& profile);

struct PlannedParameter {
    std::vector<std::vector<formats::PreparedChange>> changes; // one a value; of paths and alternatives
    std::vector<std::string> path;                             // of a path whose values are drawn
    std::vector<Cost> laws;                                    // that are scaled
};

struct PlannedMetric {
    Expression expression;
    std::vector<std::size_t> fields; // indices into Implementation::fields, one a field of the expression
};

struct SweepPlan::Implementation {
    formats::SweepFile file;
    std::uint64_t cells = 0;
    std::vector<PlannedParameter> parameters;
    std::map<std::string, KnownProfile> profiles; // by the names the sweep gives them
    std::optional<SobolSequence> sobol;
    std::vector<PlannedMetric> metrics;
    std::vector<MetricUnit> units;   // of the metrics
    std::vector<std::string> fields; // of the report, that metrics are made of
    std::optional<std::size_t> stopping_metric;
    bool needs_pure_work = false;

    [[nodiscard]] const Sweep& sweep() const { return file.sweep; }
};

// Which value a parameter has in a cell: one of its own, by index, or one that was drawn.
struct ChosenValue {
    std::size_t index = 0;
    std::optional<SweepValue> drawn;

    [[nodiscard]] const SweepValue& of(const SweepParameter& parameter) const {
        return drawn ? *drawn : parameter.values[index];
    }
};
// In a cell of the design; in a cell of the plan, which may have others.
[[nodiscard]] std::vector<ChosenValue> choose_values(const SweepPlan::Implementation& plan, std::uint64_t cell);
[[nodiscard]] std::vector<ChosenValue> choose_values(const SweepPlan& plan, std::uint64_t cell);

// A cell's scenario, not yet read, and what else makes it what it is.
struct ResolvedCell {
    formats::Node tree;
    std::string error; // of a change that leads nowhere: the cell cannot be run
    SourceLocation error_where;
    std::optional<std::string> profile; // named by the sweep; absent: the scenario's
    LawFactors factors{};
    std::optional<std::uint64_t> seed; // where it is a parameter
};

// Makes the changes to `base`. Does not throw.
void resolve_cell(const SweepPlan::Implementation& plan, const formats::Node& base,
                  const std::vector<ChosenValue>& values, ResolvedCell& cell);

// The name of the profile that a cell's scenario is run under, whoever gives it.
[[nodiscard]] std::string profile_name(const ResolvedCell& cell);

// The profile of that name; relative to the sweep's file where the sweep names it, else to the base scenario's.
[[nodiscard]] KnownProfile read_profile_of(const SweepPlan::Implementation& plan, const ResolvedCell& cell);

// The seed of a replication, drawn by Philox from the sweep's: where random numbers are common, of its number alone,
// else of its number and its configuration's digest, so that other cells do not matter.
[[nodiscard]] std::uint64_t seed_of(const Sweep& sweep, std::uint32_t replication, const PointIdentity& configuration);

// Checks what SweepPlan promises, and completes the metrics. Throws InputError.
void check_plan(SweepPlan::Implementation& plan);

} // namespace switchyard::lab
