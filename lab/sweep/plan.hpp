// A sweep that has been checked and can be computed: its cells, and any of its points.
//
// Lazy: a cell's values follow from its number, so that a plan of a million points takes no more memory than one of
// ten.
#pragma once

#include "formats/sweep/read_sweep.hpp"
#include "lab/sweep/point.hpp"
#include "models/report/report.hpp"
#include "models/sweep/sweep.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace switchyard::lab {

// A parameter's value in one cell.
struct CellValue {
    std::string text;             // as it was set
    std::optional<double> number; // in the base unit of the parameter; absent for a word
};

// A cell that no design asks for: for each parameter a place in [0, 1], in its range or along its list of values, of
// which each has as much of the way (value_at in models/sweep/values.hpp).
using CellPosition = std::vector<double>;

class SweepPlan {
public:
    // Reads the profiles and checks everything before anything runs: that each path leads somewhere, that each value
    // can stand there (the first and last cell, and each value of each parameter once, are read as scenarios and
    // booted; of more than 1,000 values that many of them), that laws and metrics are known. Throws InputError, one
    // line with its place in the sweep's file.
    explicit SweepPlan(formats::SweepFile file);

    [[nodiscard]] const Sweep& sweep() const;
    [[nodiscard]] const std::string& text() const; // of the sweep's file
    [[nodiscard]] std::uint64_t cells() const;
    [[nodiscard]] std::vector<CellValue> values_of(std::uint64_t cell) const; // one a parameter
    // The unit of each metric's values.
    [[nodiscard]] const std::vector<MetricUnit>& metric_units() const;
    // Which metric the stopping rule looks at (models/sweep/replication.hpp); absent where there is no rule.
    [[nodiscard]] std::optional<std::size_t> stopping_metric() const;

    // The same sweep with these cells in place of its design's. A point that both have is one point.
    [[nodiscard]] SweepPlan with_cells(std::vector<CellPosition> cells) const;

    struct Implementation;
    [[nodiscard]] const Implementation& implementation() const { return *implementation_; }
    // Absent where the cells are the design's.
    [[nodiscard]] const std::vector<CellPosition>* chosen_cells() const { return chosen_cells_.get(); }

private:
    std::shared_ptr<const Implementation> implementation_; // never changes: workers share it
    std::shared_ptr<const std::vector<CellPosition>> chosen_cells_;
};

// Computes points one after the other: what a worker has of its own. Not for several threads at once; make one for
// each. Fastest where replications of a cell, and cells that differ in the last parameters only, follow each other.
class PointComputer {
public:
    explicit PointComputer(const SweepPlan& plan);
    ~PointComputer();

    // The point's identity and seed, without running it, or reading it as a scenario.
    struct Resolved {
        PointIdentity identity{};
        std::uint64_t seed = 0;
    };
    [[nodiscard]] Resolved resolve(const PointIndex& index);

    // Runs it. Never throws for what is wrong with the point (that is its status and reason); absent where a stop was
    // requested before it was done.
    [[nodiscard]] std::optional<PointResult> compute(const PointIndex& index, const std::stop_token& stop = {});

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace switchyard::lab
