// A scenario predicted and measured, side by side.
//
// Native runs are repeated; each figure is the median of the rounds with a bootstrap interval over them. The
// prediction's interval is what the profile's own intervals allow (predict.hpp). A target is met where the error is at
// most the target plus half the width of the native interval: a machine cannot be blamed for a noise it states itself.
// Nor can a prediction be praised for it: where half that width is more than the target, an error inside the two
// together proves nothing, and the row is neither met nor missed but too noisy to tell.
//
// Rounds take minutes in which the machine changes. Where the caller measures what costs are meanwhile, each scenario
// is predicted with the profile as it was around its own runs (cost_drift.hpp).
//
// What the scheduler does is compared over random phases against the timer tick (phases.hpp), more of them simulated
// than there are rounds, because that is cheap and a few say little of a distribution: shares of a common window,
// switches, run lengths, wake-up latencies. Recording what the kernel does costs time at each switch, so it has rounds
// of its own, and makespan and overhead are those of the others.
#pragma once

#include "lab/compare/cost_drift.hpp"
#include "lab/compare/distribution.hpp"
#include "lab/predict.hpp"
#include "models/machine/law.hpp"
#include "native/capture/recording.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::lab {

struct MetricComparison {
    std::string name;
    MetricUnit unit = MetricUnit::time;
    std::optional<double> predicted; // in seconds, counts, bytes or shares; absent where the simulator does not tell
    Interval predicted_interval;
    std::optional<double> measured; // median over the rounds; absent where the machine does not tell
    Interval measured_interval;     // observations of memory: the round that is farthest off, and nothing around it
    std::vector<double> rounds;     // each of them, as measured
    std::optional<double> target;   // a share of what is measured
    std::optional<double> within;   // or so much, in the unit of `predicted`
    double grain = 0; // and in any case this: one switch, one tick, one microsecond: there is nothing smaller

    // (predicted - measured) / measured.
    [[nodiscard]] std::optional<double> error() const;
    // From the lowest to the highest round, as a share of the median: the machine's own noise. Nothing for one round.
    [[nodiscard]] std::optional<double> spread() const;
    // Whether the target is met; nothing where there is none, or it is too noisy to tell. A target that could not be
    // predicted or measured is not met.
    [[nodiscard]] std::optional<bool> met() const;
    [[nodiscard]] bool is_too_noisy() const;

private:
    [[nodiscard]] double allowed() const; // around what was measured, noise apart
    [[nodiscard]] double noise() const;   // half the native interval
};

struct Comparison {
    std::string scenario;
    std::string file;
    std::string about;
    std::string family; // what it is summed up with; for the caller to say
    Prediction prediction;
    std::vector<Report> native;            // one a round
    std::vector<MetricComparison> metrics; // makespan, overhead, then the scenario's other targets
    std::vector<Report> phases;            // simulated, each at another phase; the rounds' own first
    std::vector<Report> captured;          // native rounds with the kernel's events, or what its counters say instead
    std::vector<DistributionComparison> distributions;
    double speed = 1;         // of the processors, as a multiple of the profile's: the median of `native`
    CostRatios costs;         // of the time of its runs, as multiples of the profile's: predicted with them
    std::string not_captured; // why there are no events
    std::string not_native;   // why it cannot run for real; empty where it can

    // All targets are met and every run has ended as predicted: completed, or deadlocked.
    [[nodiscard]] bool passed() const;
    [[nodiscard]] double foreign_load() const; // the highest of the rounds
};

struct ComparisonOptions {
    std::uint32_t rounds = 5;
    // As many more for scenarios of which a row is too noisy to tell after those.
    std::uint32_t further_rounds = 0;
    std::chrono::seconds further_rounds_take_at_most{120}; // what is not done by then is left out
    std::uint32_t phases = 32; // that are simulated, the rounds' own first; as many as there are rounds at least
    bool capture = true;       // have rounds in which the kernel's scheduling events are recorded
    native::EventSource events = native::EventSource::best; // by whom
    std::vector<int> cpus;                                  // as in native::ExecuteOptions
    // Only what the scenario has targets for: no other rows but makespan and overhead, and neither recordings nor many
    // phases where no target is about them. A suite of many scenarios takes minutes that way and not hours.
    bool only_targets = false;
    // Called after each round that was run to its end.
    std::function<void(std::uint32_t round)> after_round;
    // Says what costs are now, in cycles, as multiples of the profile's: asked before the first run, after the last,
    // and between two as soon as the last answer is so old. Empty: everything is predicted as the profile has it.
    std::function<CostRatios()> costs_now;
    std::chrono::milliseconds costs_are_good_for{5000};
    std::stop_token stop;
};

// How far it is (0 to 1) and what is going on.
using ComparisonProgress = std::function<void(double, std::string_view)>;

// The scenario with what this machine says of it where it says nothing: Linux's slices grow with all processors that
// the kernel has, however few of them a run is given.
[[nodiscard]] Scenario on_this_machine(Scenario scenario);

// The profile with what this machine's kernel says of itself, where it was made without asking one.
[[nodiscard]] CostProfile on_this_machine(CostProfile profile);

// Predicts all scenarios, then runs them natively round by round in turn, so that whatever drifts on the machine
// touches all alike; what is compared is predicted at the speed the processors had. Once a stop is requested it
// compares what rounds there are, at as many phases, and says `not_native` of scenarios without any. Throws what
// predicting and executing throw; a scenario that cannot run natively says so in its Comparison.
[[nodiscard]] std::vector<Comparison> compare(const std::vector<Scenario>& scenarios, const CostProfile& profile,
                                              const ComparisonOptions& options,
                                              const ComparisonProgress& progress = {});

} // namespace switchyard::lab
