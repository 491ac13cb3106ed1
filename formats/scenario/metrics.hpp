// Which metrics a report of a scenario can have, and in which unit: the words of `expect` and `targets`.
#pragma once

#include "models/report/report.hpp"
#include "models/scenario/scenario.hpp"

#include <string>

namespace switchyard::formats {

class KnownMetrics {
public:
    explicit KnownMetrics(const Scenario& scenario);

    // Throws InputError at `where` for a metric that no report of this scenario has.
    void check(const std::string& metric, const SourceLocation& where) const;

    // Likewise, and at `value_place` for a value that cannot be one of that metric: "10" or "4KiB" for a makespan.
    void check(const std::string& metric, const std::string& value, const SourceLocation& where,
               const SourceLocation& value_place) const;

private:
    Report complete_; // a report in which nothing is absent
};

} // namespace switchyard::formats
