// What a scenario expects of its run (`expect:`), checked.
#pragma once

#include "models/report/report.hpp"
#include "models/scenario/scenario.hpp"

#include <string>
#include <vector>

namespace switchyard::cli {

struct CheckedExpectation {
    std::string metric;
    std::string expected;
    std::string actual;
    bool met = false;
};

// Every expectation against the report. Throws InputError, at its place, for a value that cannot be read.
[[nodiscard]] std::vector<CheckedExpectation> check_expectations(const Scenario& scenario, const Report& report);

} // namespace switchyard::cli
