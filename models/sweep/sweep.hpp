// A sweep: one question over a space of scenarios, as its file describes it (formats/sweep/read_sweep.hpp).
//
// Words. A *parameter* is what is varied; a *cell* is one choice of a value for each parameter; a *replication* is a
// cell run under one seed; a *point* is a replication: one simulation, with one identity (lab/sweep/point.hpp). A
// *metric* is what is kept of a point.
#pragma once

#include "models/errors.hpp"
#include "models/report/report.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

// A place in the scenario and what it becomes, as `--set path=value` has it (formats/scenario/override.hpp).
struct SweepChange {
    std::string path;
    std::string value;
    friend bool operator==(const SweepChange&, const SweepChange&) = default;
};

// One value a parameter may have.
struct SweepValue {
    std::string text;                  // as it is shown, and as it is set: "1ms", "event-loop", "0.5"
    std::optional<double> number = {}; // in its base unit (seconds, bytes, shares, a plain number); absent for a word
    std::vector<SweepChange> changes = {}; // of an alternative: what it consists of
    int line = 0;                          // where it is written, in the sweep's file
    int column = 0;
};

// What a parameter's values are set to.
enum class ParameterTarget : std::uint8_t {
    path,        // a place in the scenario
    law,         // a factor on a law of the profile: `switch.context` at 0.5, 1 and 2 times
    alternative, // any number of changes at once: four server models, three machines
    profile,     // the profile's name or file
    seed,        // of the run; then there are no replications
};

// The names of columns that hold something else than a parameter or metric in tables of results.
inline constexpr std::string_view other_columns[] = {"identity", "replication", "seed", "status", "reason"};

// The unit of a parameter's numbers, for tables and axes.
enum class ParameterUnit : std::uint8_t { none, time, bytes, share, factor };

// From where to where a parameter may vary where a design draws its values (Latin hypercube, Sobol): between `low` and
// `high`, in proportion or in equal steps; whole numbers where the place takes nothing else.
struct ParameterRange {
    double low = 0;
    double high = 0;
    bool logarithmic = false;
    bool whole = false;
};

struct SweepParameter {
    std::string name; // of the column; by default its path
    SourceLocation where;
    ParameterTarget target = ParameterTarget::path;
    std::string path; // of a path or law; of laws "switch.*" names all whose names begin so
    ParameterUnit unit = ParameterUnit::none;
    std::vector<SweepValue> values;      // of a grid or of paired lists; what a range comes to in so many points
    std::optional<ParameterRange> range; // where it was written as one
};

enum class SweepDesign : std::uint8_t {
    grid,            // every value with every other: the first parameter varies slowest
    paired,          // the first values of all together, then the second ones: lists of one length
    latin_hypercube, // McKay, Beckman and Conover 1979
    sobol,           // the low-discrepancy sequence, with direction numbers of Joe and Kuo 2008
};

// "Replicate until the interval of `metric` is within so much of its mean."
struct StoppingRule {
    std::string metric;
    double within = 0.01; // half the interval's width as a share of the mean
    double confidence = 0.95;
    SourceLocation where = {};
};

struct Replications {
    std::uint32_t at_least = 1;
    std::uint32_t at_most = 1;         // the same, where there is no rule
    std::optional<StoppingRule> until; // looked at after each replication from at_least on, in their order
};

// What a sweep keeps of a point: a figure of its report (models/report/report.hpp) or an expression over several.
struct SweepMetric {
    std::string name;
    std::string expression;
    SourceLocation where;
};

// How much a point may take before it is given up.
struct PointBudget {
    std::optional<std::uint64_t> events; // simulated: the same on every machine
    std::optional<double> seconds;       // of time
};

struct Sweep {
    std::string file;
    std::string name;
    std::string about;
    std::string scenario; // the base's file; empty where it is written in the sweep's own
    std::optional<std::string> profile;
    std::vector<SweepParameter> parameters;
    SweepDesign design = SweepDesign::grid;
    std::uint64_t samples = 0; // of a drawn design
    Replications replications;
    std::uint64_t seed = 1;
    bool common_random_numbers = true; // replication r has the same seed in every cell
    std::vector<SweepMetric> metrics;
    PointBudget budget;
};

} // namespace switchyard
