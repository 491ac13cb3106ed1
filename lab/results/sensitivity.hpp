// Which parameters a metric depends on, by the means of the cells that were computed.
//
// What can be said follows from the design, which is found in the cells themselves: every combination of values gives
// exact shares of variance; samples in pairs (A, B, and A with one parameter from B) estimates of Sobol' indices; any
// other a regression. See models/fit/sensitivity.hpp.
#pragma once

#include "lab/results/database.hpp"
#include "models/machine/law.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace switchyard::lab {

enum class SensitivityMethod : std::uint8_t { factorial, sobol, regression };
// "analysis of variance over every combination of values", ...
[[nodiscard]] std::string_view about(SensitivityMethod method);

struct ParameterSensitivity {
    std::string parameter;
    double first = 0; // of a regression: the standardised coefficient
    std::optional<double> total;
    std::optional<Interval> first_interval; // by the bootstrap, over replications, pairs of samples or cells
    std::optional<Interval> total_interval;
    bool by_logarithm = false; // of a regression: the values were spaced in proportion, and so are taken
};

struct Sensitivity {
    std::string metric;
    SensitivityMethod method = SensitivityMethod::factorial;
    std::uint64_t cells = 0;
    std::vector<ParameterSensitivity> parameters; // those that vary, in the order of the sweep's file
    std::optional<double> explained;              // of a regression: share of the variance
};

// Throws InputError where nothing varies, there are too few cells, or a regression meets words.
[[nodiscard]] Sensitivity sensitivity_of(const ResultsDatabase& database, const std::string& metric,
                                         const Condition& condition = {});

} // namespace switchyard::lab
