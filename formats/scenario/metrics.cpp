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

void KnownMetrics::check_name(const Node& named) const {
    try {
        static_cast<void>(metric(complete_, named.key));
    } catch (const InputError& error) {
        throw error.at(named.key_location());
    }
}

void KnownMetrics::check_value(const Node& named, const Node& value) const {
    const auto known = metric(complete_, named.key);
    if (!known) return;
    switch (known->unit) {
    case MetricUnit::time: static_cast<void>(read_time(value)); break;
    case MetricUnit::bytes: static_cast<void>(read_size(value)); break;
    case MetricUnit::share: static_cast<void>(read_share(value)); break;
    case MetricUnit::count: static_cast<void>(read_unsigned(value)); break;
    }
}

} // namespace switchyard::formats
