#include "formats/scenario/metrics.hpp"

#include "formats/scenario/values.hpp"

namespace switchyard::formats {

KnownMetrics::KnownMetrics(const Scenario& scenario) {
    complete_.pure_work = Duration{};
    complete_.time = TimeByCategory{};
    complete_.memory = {Bytes{}, Bytes{}, Bytes{}};
    complete_.foreign_load = 0;
    complete_.speed = 1;
    for (const TaskTemplate& task : scenario.tasks) {
        TaskReport& report = complete_.tasks.emplace_back();
        report.name = task.name;
        for (DurationSummary* summary :
             {&report.turnaround, &report.response, &report.waiting, &report.blocked, &report.cpu})
            summary->add(Duration{});
    }
}

void KnownMetrics::check(const std::string& name, const SourceLocation& where) const {
    try {
        static_cast<void>(metric(complete_, name));
    } catch (const InputError& error) {
        throw error.at(where);
    }
}

void KnownMetrics::check(const std::string& name, const std::string& value, const SourceLocation& where,
                         const SourceLocation& value_place) const {
    check(name, where);
    const auto known = metric(complete_, name);
    if (!known) return;
    const Node node{.mark = {value_place.line, value_place.column},
                    .file = std::make_shared<const std::string>(value_place.file),
                    .key = name,
                    .text = value};
    switch (known->unit) {
    case MetricUnit::time: static_cast<void>(read_time(node)); break;
    case MetricUnit::bytes: static_cast<void>(read_size(node)); break;
    case MetricUnit::share: static_cast<void>(read_share(node)); break;
    case MetricUnit::count: static_cast<void>(read_unsigned(node)); break;
    }
}

} // namespace switchyard::formats
