// Everything that can be wrong with a sweep and be known before it runs.
#include "formats/scenario/read_scenario.hpp"
#include "formats/scenario/values.hpp"
#include "lab/sweep/plan_implementation.hpp"
#include "models/units/text.hpp"
#include "sim/simulate.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace switchyard::lab {

namespace {

using Plan = SweepPlan::Implementation;

// What is known of the scenarios that were looked at, all of them together.
struct Seen {
    std::set<std::string> tasks;
    std::set<std::string> observations;
};

void read_known_profiles(Plan& plan) {
    const Sweep& sweep = plan.sweep();
    const auto add = [&](const std::string& name, const SourceLocation& where) {
        ResolvedCell cell;
        cell.profile = name;
        formats::placed(where, [&] {
            try {
                plan.profiles.emplace(name, read_profile_of(plan, cell));
            } catch (const InputError& error) {
                throw error.where().line > 0 ? error : InputError(error.message(), where);
            }
        });
    };
    if (sweep.profile) add(*sweep.profile, {sweep.file, 0, 0});
    for (const SweepParameter& parameter : sweep.parameters)
        if (parameter.target == ParameterTarget::profile)
            for (const SweepValue& value : parameter.values) add(value.text, {sweep.file, value.line, value.column});
}

[[noreturn]] void throw_unknown_law(const SweepParameter& parameter) {
    std::vector<std::string_view> names;
    for (int i = 0; i < costs; ++i) names.push_back(describe(static_cast<Cost>(i)).name);
    throw InputError(fmt::format("no profile has a cost called '{}'{}: 'switchyard profile show reference' lists them",
                                 parameter.path, suggestion(parameter.path, names)),
                     parameter.where);
}

// Laws that a scenario gives itself, or the profile does not know, cannot be scaled.
void check_laws(const Plan& plan, const ResolvedCell& cell, const Scenario& scenario, const CostProfile& profile) {
    for (std::size_t i = 0; i < plan.parameters.size(); ++i) {
        const SweepParameter& parameter = plan.sweep().parameters[i];
        const std::vector<Cost>& laws = plan.parameters[i].laws;
        for (const MachineCost& own : scenario.machine.costs)
            if (std::ranges::find(laws, own.cost) != laws.end())
                throw InputError(fmt::format("'{}' is the scenario's own (machine.costs), not the profile's: vary it "
                                             "there, as a path",
                                             describe(own.cost).name),
                                 parameter.where);
        if (!laws.empty() && std::ranges::none_of(laws, [&](Cost cost) { return profile[cost].has_value(); }))
            throw InputError(fmt::format("profile '{}' does not know '{}': there is nothing to scale",
                                         profile_name(cell), parameter.path),
                             parameter.where);
    }
}

const KnownProfile& profile_of(Plan& plan, const ResolvedCell& cell) {
    const std::string name = profile_name(cell);
    const std::string key = cell.profile ? name : "\n" + name; // the scenario's are relative to another folder
    auto found = plan.profiles.find(key);
    if (found == plan.profiles.end()) found = plan.profiles.emplace(key, read_profile_of(plan, cell)).first;
    return found->second;
}

std::uint64_t instances_of(const Scenario& scenario) {
    std::uint64_t tasks = 0;
    for (const TaskTemplate& task : scenario.tasks) tasks += task.count;
    return tasks;
}

// Reads the cell as a scenario and boots it.
void check_cell(Plan& plan, const std::vector<ChosenValue>& values, Seen& seen) {
    constexpr std::uint64_t quickly_booted = 10'000;
    ResolvedCell cell;
    resolve_cell(plan, plan.file.base, values, cell);
    if (!cell.error.empty()) throw InputError(cell.error, cell.error_where);
    const Scenario scenario = formats::scenario_in(cell.tree, plan.file.base_file);
    const CostProfile& profile = profile_of(plan, cell).profile;
    check_laws(plan, cell, scenario, profile);
    if (instances_of(scenario) <= quickly_booted) sim::check(scenario, profile);
    for (const TaskTemplate& task : scenario.tasks) seen.tasks.insert(task.name);
    for (const std::string& observation : observation_names(scenario)) seen.observations.insert(observation);
}

// The same for a cell that shows one value: what is wrong, and has no place in the sweep's file, is wrong with that.
void check_value(Plan& plan, const std::vector<ChosenValue>& values, std::size_t parameter, Seen& seen) {
    try {
        check_cell(plan, values, seen);
    } catch (const std::exception& error) {
        const SweepParameter& varied = plan.sweep().parameters[parameter];
        const SweepValue& value = values[parameter].of(varied);
        const auto* const input = dynamic_cast<const InputError*>(&error);
        if (input && input->where().file == plan.sweep().file && input->where().line > 0) throw;
        throw InputError(fmt::format("{}={}: {}", varied.name, value.text, error.what()),
                         {plan.sweep().file, value.line, value.column});
    }
}

// The values of the first cell, of which one is varied at a time.
void check_each_value(Plan& plan, Seen& seen) {
    constexpr std::size_t most_looked_at = 1000;
    const Sweep& sweep = plan.sweep();
    const std::vector<ChosenValue> first = choose_values(plan, 0);
    for (std::size_t i = 0; i < sweep.parameters.size(); ++i) {
        const std::size_t size = sweep.parameters[i].values.size();
        const std::size_t looked_at = std::min(size, most_looked_at);
        for (std::size_t k = 0; k < looked_at; ++k) {
            const std::size_t index = looked_at == 1 ? 0 : k * (size - 1) / (looked_at - 1);
            std::vector<ChosenValue> values =
                sweep.design == SweepDesign::paired ? std::vector<ChosenValue>(first.size(), {index, {}}) : first;
            values[i] = {index, {}};
            check_value(plan, values, i, seen);
        }
        if (sweep.design == SweepDesign::paired) break; // all go together
    }
}

MetricUnit unit_of_field(std::string_view name, const Seen& seen) {
    const std::vector<std::string> tasks(seen.tasks.begin(), seen.tasks.end());
    const std::vector<std::string> observations(seen.observations.begin(), seen.observations.end());
    return unit_of_metric(name, tasks, observations);
}

Expression expression_of(const SweepMetric& metric, const Seen& seen) {
    try { // names of tasks may hold what is an operator elsewhere
        static_cast<void>(unit_of_field(metric.expression, seen));
    } catch (const InputError&) {
        return parse_expression(metric.expression);
    }
    Expression field;
    field.fields = {metric.expression};
    field.steps = {{.kind = Expression::Kind::field}};
    field.depth = 1;
    return field;
}

void complete_metrics(Plan& plan, const Seen& seen) {
    for (const SweepMetric& metric : plan.sweep().metrics) {
        formats::placed(metric.where, [&] {
            PlannedMetric planned{expression_of(metric, seen), {}};
            plan.units.push_back(
                unit_of(planned.expression, [&](std::string_view name) { return unit_of_field(name, seen); }));
            for (const std::string& field : planned.expression.fields) {
                const auto known = std::ranges::find(plan.fields, field);
                planned.fields.push_back(static_cast<std::size_t>(known - plan.fields.begin()));
                if (known == plan.fields.end()) plan.fields.push_back(field);
                plan.needs_pure_work = plan.needs_pure_work || field == "pure_work" || field == "overhead";
            }
            plan.metrics.push_back(std::move(planned));
        });
    }
}

void find_stopping_metric(Plan& plan) {
    const Sweep& sweep = plan.sweep();
    if (!sweep.replications.until) return;
    const StoppingRule& rule = *sweep.replications.until;
    const auto found = std::ranges::find(sweep.metrics, rule.metric, &SweepMetric::name);
    if (found == sweep.metrics.end()) {
        std::vector<std::string_view> names;
        for (const SweepMetric& metric : sweep.metrics) names.push_back(metric.name);
        throw InputError(
            fmt::format("no metric of this sweep is called '{}'{}", rule.metric, suggestion(rule.metric, names)),
            rule.where);
    }
    plan.stopping_metric = static_cast<std::size_t>(found - sweep.metrics.begin());
}

} // namespace

void check_plan(Plan& plan) {
    const Sweep& sweep = plan.sweep();
    for (std::size_t i = 0; i < sweep.parameters.size(); ++i)
        if (sweep.parameters[i].target == ParameterTarget::law && plan.parameters[i].laws.empty())
            throw_unknown_law(sweep.parameters[i]);
    read_known_profiles(plan);
    Seen seen;
    if (sweep.parameters.empty()) check_cell(plan, {}, seen);
    check_each_value(plan, seen);
    check_cell(plan, choose_values(plan, plan.cells - 1), seen);
    complete_metrics(plan, seen);
    find_stopping_metric(plan);
}

} // namespace switchyard::lab
