#include "cli/expectations.hpp"

#include <cmath>
#include <cstdlib>

namespace switchyard::cli {

std::vector<CheckedExpectation> check_expectations(const Scenario& scenario, const Report& report) {
    std::vector<CheckedExpectation> checked;
    for (const Expectation& expectation : scenario.expectations) {
        try {
            CheckedExpectation& row = checked.emplace_back();
            row.metric = expectation.metric;
            row.expected = expectation.value;
            const auto actual = metric(report, expectation.metric);
            row.actual = actual ? text_of(*actual) : "not known";
            if (!actual) continue;
            const Metric wanted = parse_metric(actual->unit, expectation.value);
            const double allowed = expectation.tolerance * std::abs(static_cast<double>(wanted.value));
            row.met =
                actual->value == wanted.value || std::abs(static_cast<double>(actual->value - wanted.value)) <= allowed;
        } catch (const InputError& error) {
            throw error.at(expectation.where);
        }
    }
    return checked;
}

} // namespace switchyard::cli
