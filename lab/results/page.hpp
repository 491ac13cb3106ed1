// A sweep's results as one page to read: HTML without anything from elsewhere, pictures included.
//
// The question, the design, the means, a picture of each metric over each parameter, what the metrics depend on, what
// failed, and how it was computed. The same results give the same bytes (of one version of gnuplot).
#pragma once

#include "lab/results/database.hpp"

#include <string>

namespace switchyard::lab {

// Throws what drawing throws (lab/plot/gnuplot.hpp).
[[nodiscard]] std::string results_page(const ResultsDatabase& database);

} // namespace switchyard::lab
