#include "lab/sweep/planned_work.hpp"

#include "models/sweep/design.hpp"
#include "sim/model_version.hpp"

#include <fmt/format.h>

namespace switchyard::lab {

namespace {

class PlannedWorker : public PointWorker {
public:
    explicit PlannedWorker(const SweepPlan& plan) : computer_(plan) {}

    [[nodiscard]] PointIdentity identify(const PointIndex& index) override { return computer_.resolve(index).identity; }
    [[nodiscard]] std::optional<PointResult> compute(const PointIndex& index, const std::stop_token& stop) override {
        return computer_.compute(index, stop);
    }

private:
    PointComputer computer_;
};

const char* unit_text(ParameterUnit unit) {
    switch (unit) {
    case ParameterUnit::none: return "none";
    case ParameterUnit::time: return "seconds";
    case ParameterUnit::bytes: return "bytes";
    case ParameterUnit::share: return "share";
    case ParameterUnit::factor: return "factor";
    }
    return "none";
}

const char* unit_text(MetricUnit unit) {
    switch (unit) {
    case MetricUnit::time: return "seconds";
    case MetricUnit::count: return "count";
    case MetricUnit::bytes: return "bytes";
    case MetricUnit::share: return "share";
    }
    return "none";
}

} // namespace

PlannedWork::PlannedWork(SweepPlan plan, const std::string& tool) : plan_(std::move(plan)) {
    const Sweep& sweep = plan_.sweep();
    outline_.name = sweep.name;
    outline_.model_version = std::to_string(sim::model_version);
    for (const SweepParameter& parameter : sweep.parameters)
        outline_.parameters.push_back({parameter.name, unit_text(parameter.unit), parameter.path});
    for (std::size_t i = 0; i < sweep.metrics.size(); ++i)
        outline_.metrics.push_back(
            {sweep.metrics[i].name, unit_text(plan_.metric_units().at(i)), sweep.metrics[i].expression});
    const double confidence = sweep.replications.until ? sweep.replications.until->confidence : 0.95;
    outline_.description = {{"about", sweep.about},
                            {"file", sweep.file},
                            {"text", plan_.text()},
                            {"tool", tool},
                            {"seed", std::to_string(sweep.seed)},
                            {"design", std::string(name_of(sweep.design))},
                            {"confidence", fmt::format("{}", confidence)}};
}

std::vector<ParameterValue> PlannedWork::values_of(std::uint64_t cell) const {
    std::vector<ParameterValue> values;
    for (CellValue& value : plan_.values_of(cell)) {
        if (value.number)
            values.emplace_back(*value.number);
        else
            values.emplace_back(std::move(value.text));
    }
    return values;
}

std::unique_ptr<PointWorker> PlannedWork::make_worker() const { return std::make_unique<PlannedWorker>(plan_); }

} // namespace switchyard::lab
