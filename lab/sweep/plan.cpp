#include "lab/sweep/plan.hpp"

#include "lab/sweep/plan_implementation.hpp"

namespace switchyard::lab {

namespace {

std::vector<formats::PreparedChange> changes_of(const SweepParameter& parameter, const SweepValue& value) {
    const SourceLocation where{parameter.where.file, value.line, value.column};
    std::vector<formats::PreparedChange> changes;
    if (parameter.target == ParameterTarget::path)
        changes.push_back(formats::prepare({parameter.path, value.text}, where));
    for (const SweepChange& change : value.changes)
        changes.push_back(formats::prepare({change.path, change.value}, where));
    return changes;
}

PlannedParameter planned(const SweepParameter& parameter) {
    PlannedParameter planned;
    if (parameter.target == ParameterTarget::path || parameter.target == ParameterTarget::alternative)
        for (const SweepValue& value : parameter.values) planned.changes.push_back(changes_of(parameter, value));
    if (parameter.target == ParameterTarget::path) planned.path = planned.changes.front().front().path;
    if (parameter.target == ParameterTarget::law) planned.laws = costs_matching(parameter.path);
    return planned;
}

} // namespace

SweepPlan::SweepPlan(formats::SweepFile file) {
    auto plan = std::make_shared<Implementation>();
    plan->file = std::move(file);
    const Sweep& sweep = plan->sweep();
    plan->cells = count_cells(sweep);
    for (const SweepParameter& parameter : sweep.parameters) plan->parameters.push_back(planned(parameter));
    const bool is_sobol = sweep.design == SweepDesign::sobol || sweep.design == SweepDesign::saltelli;
    if (is_sobol && !sweep.parameters.empty())
        plan->sobol.emplace(sobol_dimensions(sweep.design, sweep.parameters.size()));
    check_plan(*plan);
    implementation_ = std::move(plan);
}

const Sweep& SweepPlan::sweep() const { return implementation_->sweep(); }

const std::string& SweepPlan::text() const { return implementation_->file.text; }

std::uint64_t SweepPlan::cells() const { return chosen_cells_ ? chosen_cells_->size() : implementation_->cells; }

SweepPlan SweepPlan::with_cells(std::vector<CellPosition> cells) const {
    SweepPlan plan = *this;
    plan.chosen_cells_ = std::make_shared<const std::vector<CellPosition>>(std::move(cells));
    return plan;
}

std::vector<CellValue> SweepPlan::values_of(std::uint64_t cell) const {
    std::vector<CellValue> values;
    const std::vector<ChosenValue> chosen = choose_values(*this, cell);
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        const SweepValue& value = chosen[i].of(sweep().parameters[i]);
        values.push_back({value.text, value.number});
    }
    return values;
}

const std::vector<MetricUnit>& SweepPlan::metric_units() const { return implementation_->units; }

std::optional<std::size_t> SweepPlan::stopping_metric() const { return implementation_->stopping_metric; }

} // namespace switchyard::lab
