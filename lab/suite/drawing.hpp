// Small drawings of a validation's page, as SVG to be put into HTML. Colours are the page's classes.
#pragma once

#include "lab/suite/validation.hpp"

#include <string>

namespace switchyard::lab {

// The row's error on a scale of its target: the middle is no error, the band what is allowed, the line the native
// interval. Empty for a row without either.
[[nodiscard]] std::string error_bar(const ValidationRow& row);

// How many of the rows met their target, as a bar.
[[nodiscard]] std::string met_bar(std::size_t met, std::size_t rows);

// Which share of all values is up to what, predicted and measured. Times over more than a factor of 20 are drawn on a
// logarithmic scale.
[[nodiscard]] std::string curves(const ValidatedDistribution& distribution);

} // namespace switchyard::lab
