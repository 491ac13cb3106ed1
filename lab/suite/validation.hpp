// What a validation found, as plain data: every row with its target and verdict, by family, and which machine it was.
// It is what is printed, stored as JSON, read back, and turned into a page; whole reports are not in it.
#pragma once

#include "lab/compare/comparison.hpp"
#include "models/machine/profile.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard::lab {

// What a row depends on. Counts, shares and sizes are right or wrong whatever the machine's speed is; times are not.
enum class RowKind : std::uint8_t { count, share, size, time, distribution };
[[nodiscard]] std::string_view name_of(RowKind kind);
[[nodiscard]] bool depends_on_speed(RowKind kind);

// Whether the costs behind a prediction were measured at the very amounts that the scenario has (`basis.hpp`).
enum class Basis : std::uint8_t { fitted, predicted };
[[nodiscard]] std::string_view name_of(Basis basis);

struct ValidationRow {
    std::string metric;
    RowKind kind = RowKind::time;
    MetricUnit unit = MetricUnit::time; // of a distribution: share, `predicted` and `measured` being absent
    std::optional<double> predicted;    // in seconds, counts, bytes or shares
    std::optional<Interval> predicted_interval;
    std::optional<double> measured;
    std::optional<Interval> measured_interval;
    std::optional<double> error;  // a share of what is measured, signed; of a distribution its distance
    std::optional<double> target; // a share of what is measured
    std::optional<double> within; // or so much
    std::optional<double> spread; // between native rounds, of the median; of a distribution what chance makes of it
    std::vector<double> rounds;
    std::optional<bool> met; // nothing: no target, or
    bool too_noisy = false;  // the machine's own noise is more than the target, and the error is within the two
    friend bool operator==(const ValidationRow&, const ValidationRow&) = default;
};

// A distribution as what is drawn of it: values in seconds, ascending, and which share of all is up to each; at most
// `most_steps` of them.
struct CumulativeShares {
    std::uint64_t count = 0;
    std::vector<std::pair<double, double>> steps;
    friend bool operator==(const CumulativeShares&, const CumulativeShares&) = default;
};
inline constexpr std::size_t most_steps = 100;
[[nodiscard]] CumulativeShares cumulative_shares(const DurationHistogram& values);

struct ValidatedDistribution {
    std::string name; // "task.hog.run_length"
    CumulativeShares predicted;
    CumulativeShares measured;
    friend bool operator==(const ValidatedDistribution&, const ValidatedDistribution&) = default;
};

// All cores' time by what it goes into, in seconds, as far as both sides know it. Natively: pieces of work timed on the
// way, what the kernel counted as the tasks' processor time less that, and the rest of the makespan, the machine's
// other tasks included.
struct Breakdown {
    double work = 0;
    double system = 0; // switches, system calls, faults, refills, waiting in user space
    double idle = 0;
    friend bool operator==(const Breakdown&, const Breakdown&) = default;
};

struct ValidatedScenario {
    std::string name;
    std::string family; // empty: of none
    std::string file;
    std::string about;
    std::optional<Basis> basis;          // nothing: not known
    std::vector<std::string> unmeasured; // the laws it was charged by at amounts they were not fitted to
    std::vector<ValidationRow> rows;
    std::vector<ValidatedDistribution> distributions;
    std::optional<Breakdown> predicted;                  // where time goes
    std::vector<std::pair<std::string, double>> charged; // `predicted->system` by category, in seconds
    std::optional<Breakdown> measured;
    double foreign_load = 0; // the highest of the rounds
    double speed = 1;
    // What costs were around its runs, as multiples of the profile's, by family of laws (cost_drift.hpp), where that
    // was measured: what it was predicted with.
    std::vector<std::pair<std::string, double>> costs;
    std::string not_native; // why it was not run for real
    std::vector<std::string> remarks;
    bool passed = false;
    friend bool operator==(const ValidatedScenario&, const ValidatedScenario&) = default;
};

// How far a primitive moved from what it cost at the beginning, at most: what the machine did meanwhile.
struct Drift {
    std::string probe;
    std::vector<double> figures;          // before the first round, after each; in cycles' time, picoseconds
    [[nodiscard]] double largest() const; // |figure / first - 1|
    friend bool operator==(const Drift&, const Drift&) = default;
};

struct Validation {
    static constexpr int schema_version = 2;

    std::string tool;
    std::string date;
    std::string cpu;
    std::string kernel;
    std::uint32_t cpus = 0;
    std::uint32_t hz = 0;
    std::string profile; // its name
    std::string profile_date;
    std::uint32_t rounds = 0;
    std::vector<Drift> drift;
    std::vector<ValidatedScenario> scenarios; // those of one family together
    friend bool operator==(const Validation&, const Validation&) = default;
};

// How many rows with a target there are and how many met it: of a family, of a kind, of all. Those that were too noisy
// to tell are neither met nor missed, and counted apart.
struct Tally {
    std::string name;
    std::size_t scenarios = 0;
    std::size_t rows = 0; // that met their target or missed it
    std::size_t too_noisy = 0;
    std::size_t met = 0;
    std::size_t counts = 0; // of the rows: counts, shares and sizes
    std::size_t counts_met = 0;
    std::optional<double> median_error; // of the rows of times, without sign
};

struct ValidationSummary {
    std::vector<Tally> families; // in the order of the scenarios
    Tally all;
    std::size_t not_run = 0; // scenarios that could not run natively, or did not end as predicted

    // At least nine rows of ten inside their target, none of the counts, shares and sizes outside, all scenarios run;
    // and of all rows with a target no more than a tenth too noisy to tell, or the machine proves nothing.
    [[nodiscard]] bool holds() const;
};
inline constexpr double share_to_meet = 0.9;
inline constexpr double most_too_noisy = 0.1;

[[nodiscard]] ValidationSummary summarize(const Validation& validation);

// Everything has met its target: what the exit status of `validate FILE` says.
[[nodiscard]] bool all_met(const Validation& validation);

// Which category of time is wrong where a time was missed: "system: 1.2 s predicted, 1.5 s measured". Empty where the
// native side does not tell.
[[nodiscard]] std::string wrong_category(const ValidatedScenario& scenario);

// What costs were while scenarios were run, as multiples of the profile's: of one family of laws, over all scenarios.
struct CostSpan {
    std::string family;
    double lowest = 1;
    double median = 1;
    double highest = 1;
};
[[nodiscard]] std::vector<CostSpan> spans_of_costs(const Validation& validation);

// Machine, profile and date are for the caller to fill in.
[[nodiscard]] ValidatedScenario validated(const Comparison& comparison);

} // namespace switchyard::lab
