// The best cell of a sweep under constraints, wherever it lies between the values that are written down: a search by
// NLopt (Johnson, "The NLopt nonlinear-optimization package") with a budget of evaluations.
//
//   1. Where there are no more cells than evaluations, every one of them is evaluated, and that is that.
//   2. The middle of every combination of what has no order. Then by successive halving (Jamieson and Talwalkar 2016,
//      "Non-stochastic best arm identification"): in each round all combinations that are left get the same share of
//      the round's evaluations, and the better half of them is kept. Within a combination DIRECT-L divides the ranges
//      (Gablonsky and Kelley 2001, "A locally-biased form of the DIRECT algorithm"). Two thirds of the budget.
//   3. From the best: COBYLA (Powell 1994) over what is continuous, with the constraints as they are, and a compass
//      search over whole numbers, in turns until neither finds anything better; then from the next best combination's.
//
// DIRECT knows no constraints: what keeps them is scored by the objective, mapped to [-1, 1]; what does not by 1 and
// the excess, so that it is led back; what failed by more than both. None of the three methods draws anything: the same
// search asks for the same cells in the same order, so what was interrupted goes on by finding them in the database.
#pragma once

#include "lab/search/evaluation.hpp"
#include "lab/search/space.hpp"
#include "lab/sweep/store.hpp"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace switchyard::lab {

struct SearchProgress {
    std::uint64_t evaluations = 0;
    std::uint64_t most = 0;
    CellEvaluator::Counts counts;
    const CellFigures* best = nullptr; // none yet: null
};

inline constexpr std::uint64_t default_evaluations = 200;

struct SearchOptions {
    std::uint64_t evaluations = default_evaluations; // cells at most, computed or found
    std::size_t workers = 1;                         // of the replications of a cell
    std::string tool;                                // kept as what computed the points
    std::stop_token stop;
    std::function<void(const SearchProgress&)> show; // some ten times a second
};

enum class SearchEnd : std::uint8_t {
    exhausted, // every cell was evaluated
    converged, // nothing near the best is better
    budget,    // all evaluations were used
    stopped,
};

struct SearchResult {
    Optimum optimum; // absent `best`: every cell failed, or none was evaluated
    CellEvaluator::Counts counts;
    SearchEnd end = SearchEnd::converged;
    std::vector<std::string> first_failures; // some of their reasons, each once
};

// Precondition: the plan has the objective's metrics. `store` is the plan's own. Throws InputError for what cannot be
// searched (lab/search/space.hpp), and where the store holds points of another base scenario, profile or seed;
// SystemError where it cannot be written.
[[nodiscard]] SearchResult search(const SweepPlan& plan, const Objective& objective, ResultStore& store,
                                  const SearchOptions& options);

} // namespace switchyard::lab
