#include "formats/scenario/read_scenario.hpp"
#include "lab/predict.hpp"
#include "lab/sweep/plan_implementation.hpp"
#include "models/units/text.hpp"
#include "sim/model_version.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <limits>
#include <map>
#include <unordered_map>

namespace switchyard::lab {

namespace {

// Workers count the references to a file's name, which all nodes of a tree share: each worker has a name of its own.
void own_names(formats::Node& node, std::unordered_map<const std::string*, std::shared_ptr<const std::string>>& names) {
    if (node.file) {
        std::shared_ptr<const std::string>& own = names[node.file.get()];
        if (!own) own = std::make_shared<const std::string>(*node.file);
        node.file = own;
    }
    for (formats::Node& child : node.children) own_names(child, names);
}

std::string in_one_line(std::string text) {
    std::ranges::replace(text, '\n', ' ');
    return text;
}

// In the base unit, correctly rounded: 20.1 s is 20.1.
double base_value(const Metric& metric) {
    const auto value = static_cast<double>(metric.value);
    return metric.unit == MetricUnit::time || metric.unit == MetricUnit::share ? value / 1e12 : value;
}

bool expects_standstill(const Scenario& scenario) {
    return std::ranges::any_of(scenario.expectations,
                               [](const Expectation& expected) { return expected.metric == "stranded"; });
}

// One run under a budget of time, which a stop from outside ends as well.
class Attempt {
public:
    Attempt(const PointBudget& budget, const std::stop_token& stop)
        : budget_(budget), begin_(std::chrono::steady_clock::now()), outer_(stop, [this] { stop_.request_stop(); }) {}

    [[nodiscard]] sim::SimulationOptions options() {
        sim::SimulationOptions options;
        options.stop = stop_.get_token();
        options.most_events = budget_.events;
        if (budget_.seconds)
            options.progress = [this](Time, std::uint64_t) {
                const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin_;
                if (spent.count() > *budget_.seconds) {
                    is_out_of_time = true;
                    stop_.request_stop();
                }
            };
        return options;
    }

    bool is_out_of_time = false;

private:
    PointBudget budget_;
    std::chrono::steady_clock::time_point begin_;
    std::stop_source stop_;
    std::stop_callback<std::function<void()>> outer_;
};

} // namespace

struct PointComputer::State {
    explicit State(const SweepPlan& of) : owner(of), plan(of.implementation()), base(plan.file.base) {
        std::unordered_map<const std::string*, std::shared_ptr<const std::string>> names;
        own_names(base, names);
        charged_factors.fill(1);
    }

    SweepPlan owner; // keeps the plan
    const SweepPlan::Implementation& plan;
    formats::Node base;
    Hash hash;
    std::unordered_map<std::string, PointIdentity> traces; // digests by path
    std::map<std::string, KnownProfile> profiles;          // that the plan did not foresee

    // The cell that was asked for last.
    std::optional<std::uint64_t> number;
    ResolvedCell cell;
    const KnownProfile* profile = nullptr; // absent where it cannot be read
    PointIdentity scenario_digest{};
    PointIdentity configuration{};
    std::optional<Scenario> scenario; // where it has been run

    // The profile of the last run.
    const KnownProfile* charged_base = nullptr;
    CostProfile charged;
    LawFactors charged_factors{};

    // What the work alone takes, of the last run that asked.
    struct Work {
        PointIdentity scenario{};
        std::uint64_t seed = 0;
        std::optional<Law> reference;
        std::optional<Duration> makespan;
    };
    std::optional<Work> work;

    void find_profile_of_cell() {
        const std::string name = profile_name(cell);
        const std::string key = cell.profile ? name : "\n" + name;
        profile = nullptr;
        if (const auto known = plan.profiles.find(key); known != plan.profiles.end()) profile = &known->second;
        if (const auto known = profiles.find(key); known != profiles.end()) profile = &known->second;
        if (profile) return;
        try {
            profile = &profiles.emplace(key, read_profile_of(plan, cell)).first->second;
        } catch (const std::exception& error) {
            if (cell.error.empty()) cell.error = error.what();
        }
    }

    void go_to(std::uint64_t wanted) {
        if (number == wanted) return;
        number.reset();
        scenario.reset();
        resolve_cell(plan, base, choose_values(owner, wanted), cell);
        find_profile_of_cell();

        hash.reset();
        add_scenario(hash, cell.tree, traces);
        hash.add(std::string_view(cell.error));
        scenario_digest = hash.digest();
        hash.reset();
        hash.add(scenario_digest);
        hash.add(profile ? profile->digest : PointIdentity{});
        for (std::size_t i = 0; i < cell.factors.size(); ++i) {
            if (cell.factors[i] == 1) continue;
            hash.add(describe(static_cast<Cost>(i)).name);
            hash.add(cell.factors[i]);
        }
        configuration = hash.digest();
        number = wanted;
    }

    // The profile with the cell's factors, of which few change from one cell to the next.
    void charge() {
        if (charged_base != profile) {
            charged = profile->profile;
            charged_factors.fill(1);
            charged_base = profile;
        }
        for (std::size_t i = 0; i < charged_factors.size(); ++i) {
            if (charged_factors[i] == cell.factors[i]) continue;
            charged_factors[i] = cell.factors[i];
            const std::optional<Law>& law = profile->profile.law[i];
            if (law) charged.law[i] = scaled(*law, cell.factors[i]);
        }
    }

    // Report::pure_work, shared by runs that differ in costs only.
    void set_pure_work(Report& report, Attempt& attempt, PointResult& result) {
        const std::optional<Law>& reference = charged[Cost::memory_reference];
        if (!work || work->scenario != scenario_digest || work->seed != scenario->seed ||
            work->reference != reference) {
            const Report alone = simulate_work(*scenario, charged, attempt.options());
            if (alone.outcome == Outcome::interrupted) {
                give_up(alone, attempt, result);
                return;
            }
            const bool completed = alone.outcome == Outcome::completed;
            work = {scenario_digest, scenario->seed, reference,
                    completed ? std::optional(alone.makespan) : std::nullopt};
        }
        report.pure_work = work->makespan;
    }

    void give_up(const Report& report, const Attempt& attempt, PointResult& result) const {
        result.status = PointStatus::over_budget;
        result.reason = attempt.is_out_of_time
                            ? fmt::format("not done after {}", exact_text(from_seconds(*plan.sweep().budget.seconds)))
                            : report.diagnosis;
    }

    void take_metrics(const Report& report, PointResult& result) const {
        std::vector<double> fields(plan.fields.size(), std::numeric_limits<double>::quiet_NaN());
        for (std::size_t i = 0; i < fields.size(); ++i) {
            try {
                if (const std::optional<Metric> value = metric(report, plan.fields[i])) fields[i] = base_value(*value);
            } catch (const InputError&) { // a task that this cell does not have
            }
        }
        std::vector<double> of_one;
        for (std::size_t i = 0; i < plan.metrics.size(); ++i) {
            of_one.clear();
            for (const std::size_t field : plan.metrics[i].fields) of_one.push_back(fields[field]);
            result.values[i] = evaluate(plan.metrics[i].expression, of_one);
        }
    }

    // What becomes of the point, in `result`.
    void run(Attempt& attempt, PointResult& result) {
        if (!cell.error.empty()) throw InputError(cell.error);
        if (!scenario) scenario = formats::scenario_in(cell.tree, plan.file.base_file);
        scenario->seed = result.seed;
        charge();
        Report report = sim::simulate(*scenario, charged, attempt.options());
        if (report.outcome == Outcome::interrupted) return give_up(report, attempt, result);
        const bool as_expected = report.outcome == Outcome::completed ||
                                 (report.outcome == Outcome::deadlocked && expects_standstill(*scenario));
        if (!as_expected) {
            result.status = PointStatus::failed;
            result.reason = report.diagnosis;
            return;
        }
        if (plan.needs_pure_work && report.outcome == Outcome::completed) set_pure_work(report, attempt, result);
        if (result.status == PointStatus::done) take_metrics(report, result);
    }
};

PointComputer::PointComputer(const SweepPlan& plan) : state_(std::make_unique<State>(plan)) {}

PointComputer::~PointComputer() = default;

PointComputer::Resolved PointComputer::resolve(const PointIndex& index) {
    State& state = *state_;
    state.go_to(index.cell);
    Resolved resolved;
    resolved.seed = state.cell.seed.value_or(seed_of(state.plan.sweep(), index.replication, state.configuration));
    state.hash.reset();
    state.hash.add(std::uint64_t{sim::model_version});
    state.hash.add(state.configuration);
    state.hash.add(resolved.seed);
    resolved.identity = state.hash.digest();
    return resolved;
}

std::optional<PointResult> PointComputer::compute(const PointIndex& index, const std::stop_token& stop) {
    constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    State& state = *state_;
    const Resolved resolved = resolve(index);
    PointResult result{index, resolved.identity, resolved.seed, PointStatus::done, {}, {}};
    result.values.assign(state.plan.metrics.size(), unknown);
    Attempt attempt(state.plan.sweep().budget, stop);
    try {
        state.run(attempt, result);
    } catch (const InputError& error) {
        result.status = PointStatus::failed;
        result.reason = error.message();
    } catch (const std::bad_alloc&) {
        result.status = PointStatus::failed;
        result.reason = "out of memory";
    } catch (const std::exception& error) {
        result.status = PointStatus::failed;
        result.reason = error.what();
    }
    const bool was_stopped =
        stop.stop_requested() && result.status == PointStatus::over_budget && !attempt.is_out_of_time;
    if (was_stopped) return std::nullopt;
    result.reason = in_one_line(std::move(result.reason));
    return result;
}

} // namespace switchyard::lab
