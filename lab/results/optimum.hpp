// The best cell among those that were computed: least or most of a metric's mean, while other metrics keep within
// bounds.
#pragma once

#include "lab/results/database.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::lab {

// "memory.resident <= 1GiB", "throughput >= 2000": bounds are inclusive.
struct Bound {
    std::string metric;
    bool at_most = true;
    double limit = 0; // in base units

    // By how much a value is beyond the limit, as a share of the limit (of 1 where that is 0); 0 or less: it is not.
    [[nodiscard]] double excess(double value) const;
};

// Throws InputError for anything else than METRIC <= VALUE or METRIC >= VALUE. `unit_of` says the unit of a metric, and
// throws for what is none.
[[nodiscard]] Bound parse_bound(std::string_view text, const std::function<ValueUnit(const std::string&)>& unit_of);

// Only the metric's name of it.
[[nodiscard]] std::string metric_of_bound(std::string_view text);

struct Objective {
    std::string metric;
    bool maximize = false;
    std::vector<Bound> bounds;
};

struct CellFigures {
    std::vector<ResultValue> key; // a value for each parameter
    double objective = 0;
    std::optional<double> half_interval;
    std::vector<double> bounded; // the bounded metrics' means, in the order of the bounds
    double excess = 0;           // the largest of any bound; 0: all are kept
};

// Whether the first is to be preferred: what keeps the bounds to what does not, then the better objective; among what
// does not, the lesser excess.
[[nodiscard]] bool is_better(const CellFigures& first, const CellFigures& second, const Objective& objective);

struct Optimum {
    std::vector<ResultColumn> parameters;
    std::optional<CellFigures> best; // where nothing keeps the bounds, what is nearest to it; absent without any cell
    bool is_feasible = false;
    std::uint64_t cells = 0;
    std::uint64_t feasible_cells = 0;
    std::uint64_t points = 0;
};

[[nodiscard]] Optimum best_of(const ResultsDatabase& database, const Objective& objective,
                              const Condition& condition = {});

} // namespace switchyard::lab
