#include "lab/search/metrics.hpp"

#include "models/errors.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>

namespace switchyard::lab {

void keep_metrics(Sweep& sweep, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        if (std::ranges::find(sweep.metrics, name, &SweepMetric::name) != sweep.metrics.end()) continue;
        const auto refuse = [&](const std::string& column, std::string_view what) {
            if (std::ranges::equal(column, name,
                                   [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); }))
                throw InputError(fmt::format("'{}' is {}, no metric of this sweep", name, what), {sweep.file, 0, 0});
        };
        for (const SweepParameter& parameter : sweep.parameters) refuse(parameter.name, "a parameter");
        for (const SweepMetric& metric : sweep.metrics) refuse(metric.name, fmt::format("written '{}'", metric.name));
        for (const std::string_view column : other_columns) refuse(std::string(column), "a column of every point");
        sweep.metrics.push_back({name, name, {sweep.file, 0, 0}});
    }
}

ValueUnit unit_of(const SweepPlan& plan, const std::string& name) {
    const Sweep& sweep = plan.sweep();
    std::vector<std::string_view> names;
    for (const SweepParameter& parameter : sweep.parameters) {
        names.push_back(parameter.name);
        if (parameter.name != name) continue;
        switch (parameter.unit) {
        case ParameterUnit::none: return ValueUnit::none;
        case ParameterUnit::time: return ValueUnit::seconds;
        case ParameterUnit::bytes: return ValueUnit::bytes;
        case ParameterUnit::share: return ValueUnit::share;
        case ParameterUnit::factor: return ValueUnit::factor;
        }
    }
    for (std::size_t i = 0; i < sweep.metrics.size(); ++i) {
        names.push_back(sweep.metrics[i].name);
        if (sweep.metrics[i].name != name) continue;
        switch (plan.metric_units()[i]) {
        case MetricUnit::time: return ValueUnit::seconds;
        case MetricUnit::count: return ValueUnit::count;
        case MetricUnit::bytes: return ValueUnit::bytes;
        case MetricUnit::share: return ValueUnit::share;
        }
    }
    throw InputError(fmt::format("no metric of this sweep is called '{}'{}", name, suggestion(name, names)),
                     {sweep.file, 0, 0});
}

} // namespace switchyard::lab
