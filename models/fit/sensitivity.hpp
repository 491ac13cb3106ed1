// Which input a figure depends on: shares of its variance, and regression.
//
// First order: the share of the variance that would go if the input were known. Total: the share that would stay if all
// others were known; more than the first order by what the input does together with others (Sobol' 1993; Homma and
// Saltelli 1996).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace switchyard {

struct SensitivityIndices {
    std::vector<double> first; // one an input
    std::vector<double> total;
};

// From two independent samples of the inputs, A and B, and for each input the sample AB that is A with that input taken
// from B. First order by Saltelli and others 2010 (table 2, b), total by Jansen 1999 (f). Estimates: they may be a
// little below 0. `drawn` picks rows of the samples, with repetition, for a bootstrap; none: all. All 0 where the
// figure does not vary. Throws InputError for samples of different lengths, or empty ones.
[[nodiscard]] SensitivityIndices sobol_indices(std::span<const double> a, std::span<const double> b,
                                               std::span<const std::vector<double>> ab,
                                               std::span<const std::size_t> drawn = {});

// From every combination of the inputs' values, all equally likely (analysis of variance): exact. `values` has the last
// input vary fastest. Throws InputError where their number is not the product of `levels`.
[[nodiscard]] SensitivityIndices factorial_indices(std::span<const std::size_t> levels, std::span<const double> values);

struct StandardisedRegression {
    std::vector<double> coefficients; // in deviations of the figure for one deviation of the input; 0: it is constant
    double explained = 0;             // share of the variance (R squared); what is missing is no straight line
};

// Least squares over rows of inputs. Throws InputError for fewer rows than inputs and one more.
[[nodiscard]] StandardisedRegression standardised_regression(std::span<const std::vector<double>> inputs,
                                                             std::span<const double> values,
                                                             std::span<const std::size_t> drawn = {});

} // namespace switchyard
