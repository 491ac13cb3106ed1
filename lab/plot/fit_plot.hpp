// A law drawn beside what it was made of.
#pragma once

#include "models/machine/profile.hpp"

#include <string>

namespace switchyard::lab {

// The script that draws a law over its quantity, the points it was fitted to and those held out, with their intervals
// (the cost's own part of what the stopwatch saw), in nanoseconds or bytes; of a constant law the readings, one beside
// the other. Both axes are logarithmic where what is drawn spans more than a decade. Throws InputError for a cost that
// the profile does not know, or knows without measured points.
[[nodiscard]] std::string fit_script(const CostProfile& profile, Cost cost);

// Draws it into a file (.svg, .png). Throws what `draw` throws besides (gnuplot.hpp).
void plot_fit(const CostProfile& profile, Cost cost, const std::string& file);

} // namespace switchyard::lab
