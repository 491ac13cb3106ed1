// From what stopwatches saw to what each cost is by itself.
//
// A futex hand-over contains two system calls, a wake-up and a switch. The table `marginal_laws` says for each cost
// which probe contains it and what else that probe contains; costs are computed in its order, each from those before
// it. The simulator charges the same parts, so that simulating a probe gives back what the stopwatch saw (closure.hpp).
#pragma once

#include "lab/calibrate/summary.hpp"
#include "models/machine/profile.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::lab {

// So many times that cost; once, or for every started so many of the quantity, but for the first few of each piece of
// it that goes at once.
struct Part {
    Cost cost = Cost::system_call;
    int times = 1;
    std::int64_t every = 0;
    int spared = 0;
    std::int64_t piece = 0; // 0: all of it is one
};

// How a law depends on its quantity.
enum class Shape : std::uint8_t {
    line,               // affine
    table,              // through the figures themselves
    table_from_nothing, // the same, from nothing at none
    table_from_one,     // the same, from nothing at one
};

// A probe's figure, or what it is more than another's at the same amount. Each amount it was measured at is a reading.
struct Reading {
    std::string_view probe;
    std::string_view minus = {};
    double times = 1; // how often the cost is in that figure
};

struct MarginalLaw {
    Cost cost = Cost::system_call;
    std::vector<Reading> readings; // the median of them counts
    std::vector<Part> excludes;    // what they contain besides
    std::optional<Quantity> over;  // over the first one's amounts of this; constant without
    Shape shape = Shape::line;
};

// The whole table, in the order of computation.
[[nodiscard]] const std::vector<MarginalLaw>& marginal_laws();

struct FittedLaws {
    std::array<std::optional<Law>, costs> law; // absent where a probe they need has no figure
    std::vector<std::string> warnings;
};

// Computes every law from what is not held out, with the interval of its base by a bootstrap over rounds through all
// subtractions, and judges it at every amount there is (Origin::points). A cost that comes out negative is held at 0,
// with a warning; so are fits and readings that contradict each other, and laws that are far off where they were held
// out.
[[nodiscard]] FittedLaws fit_laws(std::span<const ProbeSummary> probes, const BootstrapOptions& options = {});

} // namespace switchyard::lab
