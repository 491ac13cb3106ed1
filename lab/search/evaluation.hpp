// Cells of a sweep at any place, evaluated: computed, or found where they have been computed before.
//
// A cell is all of its replications, as the sweep has them, under the seeds the sweep has for them; with common random
// numbers the search therefore sees no noise. All points are kept in the sweep's own database.
#pragma once

#include "lab/results/optimum.hpp"
#include "lab/sweep/engine.hpp"
#include "lab/sweep/plan.hpp"
#include "lab/sweep/result_sink.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace switchyard::lab {

struct Evaluation {
    CellFigures figures;     // where it has no reason
    std::string reason = {}; // why it has no figures: a point failed, or does not know a metric
};

// A search that was asked to stop.
struct SearchStopped {};

class CellEvaluator {
public:
    struct Counts {
        std::uint64_t computed = 0; // cells
        std::uint64_t found = 0;    // cells of which no point was computed
        std::uint64_t failed = 0;   // of both
        std::uint64_t points = 0;   // of both
    };

    // What is referred to stays where it is. `show` is called some ten times a second. Metrics of the objective that
    // the plan has not: std::logic_error.
    CellEvaluator(const SweepPlan& plan, std::string tool, const Objective& objective, ResultSink& sink,
                  SweepEngine& engine, EngineOptions options);

    // Places that come to the same values are one cell, which is computed once. Throws SearchStopped; points computed
    // until then are kept.
    const Evaluation& evaluate(const CellPosition& position);
    void evaluate(std::span<const CellPosition> positions);

    [[nodiscard]] const std::deque<Evaluation>& all() const { return all_; } // in the order they were asked for
    [[nodiscard]] bool has(const CellPosition& position) const;
    [[nodiscard]] const Counts& counts() const { return counts_; }
    [[nodiscard]] const std::vector<std::string>& first_failures() const { return first_failures_; }

private:
    [[nodiscard]] std::string key_of(const CellPosition& position) const;
    // From the sink, where all of its points are there.
    [[nodiscard]] std::optional<Evaluation> read(PointComputer& computer, const SweepPlan& plan, std::uint64_t cell);
    void add(std::string key, Evaluation evaluation);

    const SweepPlan& plan_;
    std::string tool_;
    const Objective& objective_;
    ResultSink& sink_;
    SweepEngine& engine_;
    EngineOptions options_;
    std::vector<std::size_t> metrics_; // of the plan: the objective's, then those of the bounds
    double confidence_;
    std::deque<Evaluation> all_;
    std::map<std::string, std::size_t> by_values_;
    Counts counts_;
    std::vector<std::string> first_failures_;
};

} // namespace switchyard::lab
