// Which metrics a report of a scenario can have, and in which unit: the words of `expect` and `targets`.
#pragma once

#include "formats/yaml/node.hpp"
#include "models/report/report.hpp"
#include "models/scenario/scenario.hpp"

namespace switchyard::formats {

// A metric is a child of a map, its name the key.
class KnownMetrics {
public:
    explicit KnownMetrics(const Scenario& scenario);

    // Throws InputError where `named` stands for a metric that no report of this scenario has.
    void check_name(const Node& named) const;

    // Throws InputError where the value cannot be one of the metric `named`: "10" or "4KiB" for a makespan.
    void check_value(const Node& named, const Node& value) const;

private:
    Report complete_; // a report in which nothing is absent
};

} // namespace switchyard::formats
