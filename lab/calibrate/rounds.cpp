#include "lab/calibrate/rounds.hpp"

#include "lab/calibrate/budget.hpp"
#include "lab/calibrate/load_gate.hpp"
#include "lab/calibrate/selection.hpp"
#include "native/measurement/foreign_load.hpp"
#include "native/probes/run.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace switchyard::lab {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t quick_rounds = 3;
constexpr std::uint32_t full_rounds = 7;
constexpr double quick_probe_seconds = 0.08;
constexpr double full_probe_seconds = 0.35;
constexpr double first_overhead_seconds = 0.03; // of one run, until it is known
constexpr double most_repeating = 0.15;         // share of all the time that may go into measuring again

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

void add_once(std::vector<std::string>& sentences, const std::string& sentence) {
    if (std::ranges::find(sentences, sentence) == sentences.end()) sentences.push_back(sentence);
}

Budget budget_of(const CalibrationOptions& options) {
    Budget budget;
    budget.seconds = options.quick ? quick_seconds : full_seconds;
    budget.most_probe_seconds = options.quick ? quick_probe_seconds : full_probe_seconds;
    return budget;
}

// What is known of the rounds, and what all of them need.
struct Measuring {
    const CalibrationOptions& options;
    std::span<const int> cpus;
    Journal& journal;
    native::TimeStampScale scale;
    Budget budget;
    RoundsMeasured all;
    double repeating_seconds = 0;
};

// One run of a probe; nothing where a stop was requested.
std::optional<JournalEntry> run_once(const Measuring& measuring, const ProbeRecord& record, double seconds) {
    native::ProbeRun run{measuring.scale, seconds * 1e9, record.amount};
    if (measuring.cpus.size() > 1) run.other_cpu = measuring.cpus.back();
    const auto begin = Clock::now();
    const native::LoadReading before = native::read_load(measuring.cpus);
    native::ProbeResult result = native::run_probe(*record.probe, run, measuring.cpus.front(), measuring.options.stop);
    if (result.stopped || measuring.options.stop.stop_requested()) return std::nullopt;
    const native::LoadReading after = native::read_load(measuring.cpus);
    JournalEntry entry;
    entry.probe = record.probe->name;
    entry.amount = record.amount;
    entry.figure = figure_of(*record.probe, result.samples);
    entry.failure = std::move(result.failure);
    entry.notes = std::move(result.notes);
    entry.seconds = seconds_since(begin);
    entry.asked_seconds = seconds;
    entry.foreign_load = is_disturbed(before, after) ? native::foreign_load(before, after) : 0;
    return entry;
}

// Again where others had too much of the processors, as far as there is time; the least disturbed counts.
std::optional<JournalEntry> run_undisturbed(Measuring& measuring, const ProbeRecord& record, double seconds) {
    std::optional<JournalEntry> best = run_once(measuring, record, seconds);
    for (std::uint32_t again = 1; best && best->foreign_load > 0 && again <= most_repetitions; ++again) {
        if (measuring.repeating_seconds > most_repeating * measuring.budget.seconds) break;
        std::optional<JournalEntry> other = run_once(measuring, record, seconds);
        if (!other) return std::nullopt;
        measuring.repeating_seconds += other->seconds;
        other->seconds += best->seconds;
        other->asked_seconds += best->asked_seconds;
        if (other->foreign_load > best->foreign_load || !other->failure.empty()) {
            std::swap(other->figure, best->figure);
            std::swap(other->failure, best->failure);
            std::swap(other->foreign_load, best->foreign_load);
        }
        other->again = again;
        best = std::move(other);
    }
    return best;
}

void keep(Measuring& measuring, ProbeRecord& record, const JournalEntry& entry) {
    for (const std::string& note : entry.notes) add_once(measuring.all.notes, note);
    if (!entry.failure.empty()) record.failures.push_back(entry.failure);
    record.rounds.push_back(entry.figure);
    measuring.all.seconds += entry.seconds;
    measuring.all.measured_again += entry.again;
}

} // namespace

std::uint32_t rounds_wanted(const CalibrationOptions& options) {
    return options.rounds.value_or(options.quick ? quick_rounds : full_rounds);
}

std::optional<RoundsMeasured> measure_rounds(std::vector<ProbeRecord>& records, std::span<const int> cpus,
                                             Journal& journal, const CalibrationOptions& options,
                                             const Progress& progress) {
    Measuring measuring{options, cpus, journal, native::calibrate_time_stamps(), budget_of(options), {}};
    const std::uint32_t rounds = rounds_wanted(options);
    double weights = 0;
    for (const ProbeRecord& record : records) weights += weight_of(record);
    double overhead = first_overhead_seconds * static_cast<double>(records.size());
    double longest_round = 0, done = 0, foreign_seconds = 0, watched_seconds = 0;

    for (std::uint32_t round = 0; round < rounds; ++round) {
        const bool is_enough = round >= std::min(rounds, quick_rounds);
        if (is_enough && !options.probe_milliseconds &&
            !another_round_fits(measuring.budget, measuring.all.seconds, longest_round)) {
            measuring.all.notes.push_back(
                fmt::format("only {} of {} rounds fitted into {:.0f} s", round, rounds, measuring.budget.seconds));
            break;
        }
        const double before_round = measuring.all.seconds;
        const double each = options.probe_milliseconds
                                ? *options.probe_milliseconds / 1000
                                : probe_seconds(measuring.budget, {before_round, rounds - round, weights, overhead});
        double asked = 0, foreign_of_round = 0;
        std::optional<native::LoadReading> begin; // of what is measured now
        for (ProbeRecord& record : records) {
            if (progress) progress(done, record.probe->name);
            done += 1.0 / (static_cast<double>(rounds) * static_cast<double>(records.size()));
            const std::string name(record.probe->name);
            if (const JournalEntry* const earlier = journal.find(round, name, record.amount)) {
                asked += earlier->asked_seconds;
                foreign_of_round += earlier->foreign_load * earlier->seconds;
                keep(measuring, record, *earlier);
                continue;
            }
            if (!begin) begin = native::read_load(cpus);
            std::optional<JournalEntry> entry = run_undisturbed(measuring, record, each * weight_of(record));
            if (!entry) return std::nullopt;
            entry->round = round;
            journal.add(*entry);
            asked += entry->asked_seconds;
            keep(measuring, record, *entry);
        }
        if (begin) {
            const native::LoadReading end = native::read_load(cpus);
            foreign_of_round +=
                native::foreign_load(*begin, end) * std::chrono::duration<double>(end.time - begin->time).count();
        }
        const double seconds = measuring.all.seconds - before_round;
        if (seconds > 0)
            measuring.all.highest_foreign_load =
                std::max(measuring.all.highest_foreign_load, std::min(1.0, foreign_of_round / seconds));
        foreign_seconds += foreign_of_round;
        watched_seconds += seconds;
        overhead = std::max(0.0, seconds - asked);
        longest_round = std::max(longest_round, seconds);
        measuring.all.rounds = round + 1;
    }
    if (watched_seconds > 0) measuring.all.foreign_load = std::min(1.0, foreign_seconds / watched_seconds);
    if (progress) progress(1, "");
    return std::move(measuring.all);
}

} // namespace switchyard::lab
