#include "lab/search/search.hpp"

#include "lab/search/metrics.hpp"
#include "lab/search/nlopt_run.hpp"
#include "lab/sweep/planned_work.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <fmt/format.h>
#include <numeric>

namespace switchyard::lab {

namespace {

struct BudgetUsed {};
struct ShareUsed {};

bool is_preferred(const Evaluation& first, const Evaluation& second, const Objective& objective) {
    if (first.reason.empty() != second.reason.empty()) return first.reason.empty();
    return first.reason.empty() && is_better(first.figures, second.figures, objective);
}

class Search {
public:
    Search(const SweepPlan& plan, const Objective& objective, ResultStore& store, const SearchOptions& options)
        : plan_(plan),
          objective_(objective),
          store_(store),
          options_(options),
          space_(plan.sweep(), options.evaluations),
          engine_(make_thread_engine(options.workers)),
          evaluator_(plan, options.tool, objective, store, *engine_,
                     {false, options.stop, [this](const SweepProgress& now) { show(now.units_done); }}),
          best_of_(space_.combinations()) {}

    [[nodiscard]] SearchResult run() {
        SearchResult result;
        try {
            result.end = go();
        } catch (const BudgetUsed&) {
            result.end = SearchEnd::budget;
        } catch (const SearchStopped&) {
            result.end = SearchEnd::stopped;
        }
        result.counts = evaluator_.counts();
        result.first_failures = evaluator_.first_failures();
        Optimum& optimum = result.optimum;
        for (const SweepParameter& parameter : plan_.sweep().parameters)
            optimum.parameters.push_back(
                {parameter.name, ColumnRole::parameter, unit_of(plan_, parameter.name), parameter.path});
        for (const Evaluation& one : evaluator_.all()) {
            ++optimum.cells;
            if (one.reason.empty() && one.figures.excess <= 0) ++optimum.feasible_cells;
        }
        optimum.points = result.counts.points;
        optimum.is_feasible = optimum.feasible_cells > 0;
        if (best_ && best_->reason.empty()) optimum.best = best_->figures;
        return result;
    }

private:
    struct Candidate {
        Place place;
        const Evaluation* evaluation = nullptr;
    };

    SearchEnd go() {
        const std::optional<std::uint64_t> cells = space_.cells();
        if (cells && *cells <= options_.evaluations) {
            std::vector<CellPosition> all;
            for (std::uint64_t i = 0; i < *cells; ++i) all.push_back(space_.cell(i));
            evaluate_checked(all);
            return SearchEnd::exhausted;
        }
        evaluate_middles();
        find_globally();
        polish();
        return SearchEnd::converged;
    }

    // The first cells of a search are where it is noticed that the database has others by the same values.
    void evaluate_checked(const std::vector<CellPosition>& positions) {
        store_.check_configuration(PlannedWork(plan_.with_cells(positions), options_.tool));
        const std::size_t at_once = 16 * options_.workers;
        for (std::size_t i = 0; i < positions.size(); i += at_once) {
            const std::size_t before = evaluator_.all().size();
            evaluator_.evaluate(std::span(positions).subspan(i, std::min(at_once, positions.size() - i)));
            for (std::size_t k = before; k < evaluator_.all().size(); ++k) consider(evaluator_.all()[k]);
            show(0);
        }
    }

    void consider(const Evaluation& evaluation) {
        if (!best_ || is_preferred(evaluation, *best_, objective_)) best_ = &evaluation;
    }

    void evaluate_middles() {
        const Place middle(space_.searched().size(), 0.5);
        std::vector<CellPosition> middles;
        for (std::uint64_t i = 0; i < space_.combinations(); ++i) middles.push_back(space_.cell(i, middle));
        evaluate_checked(middles);
        for (std::size_t i = 0; i < middles.size(); ++i) note(i, middle, evaluator_.evaluate(middles[i]));
        for (const Evaluation& one : evaluator_.all())
            if (one.reason.empty() && one.figures.objective != 0) {
                scale_ = std::abs(one.figures.objective);
                break;
            }
    }

    void note(std::size_t combination, const Place& place, const Evaluation& evaluation) {
        Candidate& best = best_of_[combination];
        if (!best.evaluation || is_preferred(evaluation, *best.evaluation, objective_)) best = {place, &evaluation};
        consider(evaluation);
    }

    const Evaluation& evaluate(std::size_t combination, const Place& place) {
        const CellPosition position = space_.cell(combination, place);
        if (!evaluator_.has(position)) {
            if (evaluator_.all().size() >= options_.evaluations) throw BudgetUsed();
            if (evaluator_.all().size() >= share_ends_) throw ShareUsed();
            show(0);
        }
        const Evaluation& evaluation = evaluator_.evaluate(position);
        note(combination, place, evaluation);
        return evaluation;
    }

    [[nodiscard]] double signed_objective(const Evaluation& evaluation) const {
        return (objective_.maximize ? -1 : 1) * evaluation.figures.objective / scale_;
    }

    [[nodiscard]] double score(const Evaluation& evaluation) const {
        if (!evaluation.reason.empty()) return 3;
        const double excess = evaluation.figures.excess;
        if (excess > 0) return 1 + excess / (1 + excess);
        const double objective = signed_objective(evaluation);
        return objective / (1 + std::abs(objective));
    }

    // Begins anew; what it asked for before is known and costs nothing.
    void divide(std::size_t combination, std::uint64_t evaluations) {
        const std::uint64_t asked = evaluator_.all().size();
        share_ends_ = asked + evaluations;
        const auto dimensions = static_cast<unsigned>(space_.searched().size());
        nlopt::opt method(nlopt::GN_DIRECT_L, dimensions);
        method.set_lower_bounds(0);
        method.set_upper_bounds(1);
        // Of a space of whole numbers there may be no more new cells.
        method.set_maxeval(static_cast<int>(std::min<std::uint64_t>(10 * (asked + evaluations), 1'000'000)));
        NloptRun asks;
        asks.minimize(method, [&](const Place& place) { return score(evaluate(combination, place)); });
        try {
            asks.run(method, Place(dimensions, 0.5));
        } catch (const ShareUsed&) {
        }
        share_ends_ = options_.evaluations;
    }

    void find_globally() {
        std::vector<std::size_t> left(best_of_.size());
        std::iota(left.begin(), left.end(), std::size_t{0});
        const std::uint64_t rounds = static_cast<std::uint64_t>(std::bit_width(left.size() - 1)) + 1;
        for (std::uint64_t round = 0; round < rounds; ++round) {
            const std::uint64_t until = options_.evaluations * 2 / 3 * (round + 1) / rounds;
            const std::uint64_t asked = evaluator_.all().size();
            const std::uint64_t share = until > asked ? (until - asked) / left.size() : 0;
            if (share > 0)
                for (const std::size_t combination : left) divide(combination, share);
            sort(left);
            left.resize((left.size() + 1) / 2);
        }
    }

    // The best first.
    void sort(std::vector<std::size_t>& combinations) const {
        std::ranges::stable_sort(combinations, [&](std::size_t first, std::size_t second) {
            return is_preferred(*best_of_[first].evaluation, *best_of_[second].evaluation, objective_);
        });
    }

    // The best combination, and with what is left of the budget the others.
    void polish() {
        std::vector<std::size_t> all(best_of_.size());
        std::iota(all.begin(), all.end(), std::size_t{0});
        sort(all);
        for (const std::size_t combination : all) {
            const Evaluation* before = nullptr;
            while (before != best_of_[combination].evaluation && best_of_[combination].evaluation->reason.empty()) {
                before = best_of_[combination].evaluation;
                approach(combination);
                walk(combination);
            }
        }
    }

    // COBYLA over what is continuous, the rest as it is at the best.
    void approach(std::size_t combination) {
        constexpr double first_step = 0.1;
        constexpr double last_step = 1e-4; // of the range
        std::vector<std::size_t> free;
        for (std::size_t i = 0; i < space_.searched().size(); ++i)
            if (!space_.searched()[i].is_whole) free.push_back(i);
        if (free.empty()) return;
        const Candidate start = best_of_[combination];
        const auto at = [&](const Place& part) -> const Evaluation& {
            Place place = start.place;
            for (std::size_t i = 0; i < free.size(); ++i) place[free[i]] = std::clamp(part[i], 0.0, 1.0);
            return evaluate(combination, place);
        };
        nlopt::opt method(nlopt::LN_COBYLA, static_cast<unsigned>(free.size()));
        method.set_lower_bounds(0);
        method.set_upper_bounds(1);
        method.set_initial_step(first_step);
        method.set_xtol_abs(last_step);
        method.set_maxeval(static_cast<int>(std::min<std::uint64_t>(10 * options_.evaluations, 1'000'000)));
        NloptRun asks;
        asks.minimize(method, [&](const Place& part) {
            const Evaluation& one = at(part);
            return signed_objective(one.reason.empty() ? one : *start.evaluation);
        });
        for (std::size_t i = 0; i < objective_.bounds.size(); ++i)
            asks.keep_below_0(method, [&, i](const Place& part) {
                const Evaluation& one = at(part);
                return one.reason.empty() ? objective_.bounds[i].excess(one.figures.bounded[i]) : 1.0;
            });
        Place from;
        for (const std::size_t i : free) from.push_back(start.place[i]);
        asks.run(method, std::move(from));
    }

    // Whole numbers: from the best in steps that get smaller, at last to its neighbours.
    void walk(std::size_t combination) {
        constexpr double first_step = 1.0 / 16;
        bool is_last = false;
        for (double step = first_step; !is_last; step /= 2) {
            const Evaluation* before = nullptr;
            do {
                before = best_of_[combination].evaluation;
                is_last = true;
                for (std::size_t i = 0; i < space_.searched().size(); ++i)
                    for (const double way : {-step, step}) {
                        const Place from = best_of_[combination].place;
                        const auto [place, is_neighbour] = space_.moved(from, i, way);
                        is_last = is_last && is_neighbour;
                        static_cast<void>(evaluate(combination, place));
                    }
            } while (before != best_of_[combination].evaluation);
        }
    }

    // `units_under_way`: of cells that are being evaluated, the points that are done, or cells where a rule looks at
    // them.
    void show(std::uint64_t units_under_way) const {
        if (!options_.show) return;
        const Replications& replications = plan_.sweep().replications;
        const std::uint64_t cells = units_under_way / (replications.until ? 1 : replications.at_most);
        options_.show({evaluator_.all().size() + cells, options_.evaluations, evaluator_.counts(),
                       best_ && best_->reason.empty() ? &best_->figures : nullptr});
    }

    const SweepPlan& plan_;
    const Objective& objective_;
    ResultStore& store_;
    const SearchOptions& options_;
    SearchSpace space_;
    std::unique_ptr<SweepEngine> engine_;
    CellEvaluator evaluator_;
    const Evaluation* best_ = nullptr; // of all; where there is none that did not fail, one that did
    std::vector<Candidate> best_of_;   // each combination
    std::uint64_t share_ends_ = options_.evaluations;
    double scale_ = 1; // of the objective
};

} // namespace

SearchResult search(const SweepPlan& plan, const Objective& objective, ResultStore& store,
                    const SearchOptions& options) {
    store.check_configuration(PlannedWork(plan, options.tool));
    return Search(plan, objective, store, options).run();
}

} // namespace switchyard::lab
