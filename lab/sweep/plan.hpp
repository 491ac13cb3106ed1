// A sweep that has been checked and can be computed: its cells, and any of its points.
//
// Lazy: a cell's values follow from its number, so that a plan of a million points takes no more memory than one of ten.
#pragma once

#include "formats/yaml/node.hpp"
#include "lab/sweep/point.hpp"
#include "models/machine/profile.hpp"
#include "models/scenario/scenario.hpp"
#include "models/sweep/sweep.hpp"

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace switchyard::lab {

// A parameter's value in one cell.
struct CellValue {
    std::string text;
    std::optional<double> number;
};

class SweepPlan {
public:
    // Reads the base scenario and the profiles and checks everything before anything runs: that each path leads
    // somewhere, that each value can stand there (the first and last cell, and each value of each parameter once, are
    // read as scenarios), that metrics are known figures. Throws InputError, one line with its place in the sweep's file.
    explicit SweepPlan(Sweep sweep);

    [[nodiscard]] const Sweep& sweep() const;
    [[nodiscard]] std::uint64_t cells() const;
    [[nodiscard]] std::vector<CellValue> values_of(std::uint64_t cell) const; // one a parameter
    // The unit of each metric's values.
    [[nodiscard]] const std::vector<MetricUnit>& metric_units() const;

    struct Implementation;
    [[nodiscard]] const Implementation& implementation() const { return *implementation_; }

private:
    std::shared_ptr<const Implementation> implementation_; // never changes: workers share it
};

// Computes points one after the other: what a worker has of its own. Not for several threads at once; make one for each.
class PointComputer {
public:
    explicit PointComputer(const SweepPlan& plan);
    ~PointComputer();

    // The point's identity and seed, without running it. Throws InputError where the cell is no valid scenario.
    struct Resolved {
        PointIdentity identity{};
        std::uint64_t seed = 0;
    };
    [[nodiscard]] Resolved resolve(const PointIndex& index);

    // Runs it. Never throws for what is wrong with the point (that is its status and reason); once a stop is requested
    // the result is absent.
    [[nodiscard]] std::optional<PointResult> compute(const PointIndex& index, std::stop_token stop = {});

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace switchyard::lab
