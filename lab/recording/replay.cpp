#include "lab/recording/replay.hpp"

#include "formats/scenario/read_scenario.hpp"
#include "lab/compare/distribution.hpp"
#include "models/trace/digest.hpp"
#include "sim/simulate.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <unordered_map>

namespace switchyard::lab {

namespace {

double seconds(Duration duration) { return static_cast<double>(duration.count()) / 1e12; }

// What one side knows of a task, or of all of one name.
struct Figures {
    TaskDigest digest;
    Duration cpu{};
};

void add(TaskDigest& to, const TaskDigest& from) {
    to.run_length.add(from.run_length);
    to.wake_up_latency.add(from.wake_up_latency);
    to.voluntary_switches += from.voluntary_switches;
    to.involuntary_switches += from.involuntary_switches;
    to.wake_ups += from.wake_ups;
    to.migrations += from.migrations;
    to.window_cpu += from.window_cpu;
}

// Of the simulation's tasks: the names of children are "parent/child", and those in the file are unique.
std::string last_part(const std::string& name) {
    const std::size_t slash = name.rfind('/');
    return slash == std::string::npos ? name : name.substr(slash + 1);
}

// The first task became ready, the last one ended.
TraceWindow span_of(const Trace& trace) {
    TraceWindow span{Time::max(), Time::min()};
    for (const TraceEvent& event : trace.events) {
        if (event.kind == EventKind::ready) span.begin = std::min(span.begin, event.time);
        if (event.kind == EventKind::stopped || event.kind == EventKind::ended)
            span.end = std::max(span.end, event.time);
    }
    return span;
}

class Comparing {
public:
    Comparing(const Import& import, const RecordedTrace& recorded, const Trace& simulated, Replay& result)
        : import_(import), result_(result), recorded_(recorded.trace), simulated_(simulated) {
        constexpr std::size_t most_rows = 32;
        result.by_name = import.behaviours.threads.size() > most_rows;
        for (std::size_t i = 0; i < import.behaviours.threads.size(); ++i) {
            const Behaviour& each = import.behaviours.threads[i];
            const std::string& name = result.by_name ? import.recording.threads[each.thread].name : each.name;
            const auto [row, is_new] = row_of_name_.try_emplace(name, rows_.size());
            if (is_new) rows_.push_back(name);
            row_of_task_.emplace(each.name, row->second);
        }
        tick_ = import.seen.ticks.period > 0 ? static_cast<double>(import.seen.ticks.period) / 1e9 : 4e-3;
    }

    void compare() {
        std::vector<bool> counts(rows_.size());
        const Side before = side(recorded_, nullptr);
        Duration all{};
        for (const Figures& each : before.rows) all += each.cpu;
        for (std::size_t row = 0; row < rows_.size(); ++row) counts[row] = before.rows[row].cpu * 100 >= all;
        const Side recorded = side(recorded_, &counts), simulated = side(simulated_, &counts);
        const TraceWindow was = span_of(recorded_), is = span_of(simulated_);
        const double length = seconds(was.end - was.begin);
        figure("", "makespan", ReplayUnit::time, length, seconds(is.end - is.begin), std::max(0.02 * length, tick_));
        Figures of_recorded, of_simulated;
        for (std::size_t row = 0; row < rows_.size(); ++row) {
            add(of_recorded.digest, recorded.rows[row].digest);
            add(of_simulated.digest, simulated.rows[row].digest);
        }
        task_figures("", of_recorded, of_simulated);
        for (std::size_t row = 0; row < rows_.size(); ++row) {
            const Figures &a = recorded.rows[row], &b = simulated.rows[row];
            if (recorded.all > Duration::zero() && simulated.all > Duration::zero() && counts[row]) {
                const double share = seconds(a.digest.window_cpu) / seconds(recorded.all);
                figure(rows_[row], "share", ReplayUnit::share, share,
                       seconds(b.digest.window_cpu) / seconds(simulated.all),
                       std::max(0.02 * share, tick_ / seconds(recorded.all)));
            }
            task_figures(rows_[row], a, b);
        }
    }

private:
    struct Side {
        std::vector<Figures> rows;
        Duration all{}; // in the window
    };

    // Figures by row; shares are of the window of those that count, or, where they have none in common, of everything.
    Side side(const Trace& trace, const std::vector<bool>* counts) const {
        std::vector<TaskId> those;
        std::vector<std::size_t> row(trace.tasks.size(), npos);
        for (TaskId task = 0; task < trace.tasks.size(); ++task) {
            const auto found = row_of_task_.find(last_part(trace.tasks[task].name));
            if (found == row_of_task_.end()) continue;
            row[task] = found->second;
            if (counts && (*counts)[found->second]) those.push_back(task);
        }
        std::optional<TraceWindow> window = common_window(trace, those);
        if (!window) window = span_of(trace);
        const std::vector<TaskDigest> digests = digest(trace, window);
        const std::vector<TaskDigest> whole = digest(trace, span_of(trace));
        Side result;
        result.rows.resize(rows_.size());
        for (TaskId task = 0; task < trace.tasks.size(); ++task) {
            if (row[task] == npos) continue;
            add(result.rows[row[task]].digest, digests[task]);
            result.rows[row[task]].cpu += whole[task].window_cpu;
            if (!counts || (*counts)[row[task]]) result.all += digests[task].window_cpu;
        }
        return result;
    }

    void figure(const std::string& task, const char* name, ReplayUnit unit, double recorded, double replayed,
                std::optional<double> limit, std::optional<double> distance = {}) {
        result_.figures.push_back({task, name, unit, recorded, replayed, limit, distance});
    }

    void count(const std::string& task, const char* name, std::uint64_t recorded, std::uint64_t replayed) {
        const auto was = static_cast<double>(recorded);
        figure(task, name, ReplayUnit::count, was, static_cast<double>(replayed), std::max(0.02 * was, 1.0));
    }

    void median(const std::string& task, const char* name, const DurationHistogram& recorded,
                const DurationHistogram& replayed, double share) {
        if (recorded.empty() || replayed.empty()) return;
        constexpr double small = 50e-6;
        constexpr std::uint64_t few = 8;
        const bool is_judged = recorded.count() >= few;
        const double was = seconds(recorded.quantile(0.5));
        figure(task, name, ReplayUnit::time, was, seconds(replayed.quantile(0.5)),
               is_judged ? std::optional(std::max(share * was, small)) : std::nullopt,
               kolmogorov_smirnov(recorded, replayed, resolution_of_events));
    }

    void task_figures(const std::string& task, const Figures& a, const Figures& b) {
        count(task, "voluntary switches", a.digest.voluntary_switches, b.digest.voluntary_switches);
        count(task, "involuntary switches", a.digest.involuntary_switches, b.digest.involuntary_switches);
        median(task, "median run length", a.digest.run_length, b.digest.run_length, 0);
        median(task, "median wake-up latency", a.digest.wake_up_latency, b.digest.wake_up_latency, 0.15);
    }

    static constexpr std::size_t npos = static_cast<std::size_t>(-1);
    const Import& import_;
    Replay& result_;
    const Trace& recorded_;
    const Trace& simulated_;
    std::vector<std::string> rows_;
    std::unordered_map<std::string, std::size_t> row_of_name_, row_of_task_;
    double tick_ = 0;
};

} // namespace

bool ReplayFigure::is_met() const { return !limit || std::abs(replayed - recorded) <= *limit * (1 + 1e-9); }

bool Replay::passed() const {
    return report.outcome == Outcome::completed && std::ranges::all_of(figures, &ReplayFigure::is_met);
}

Replay replay(const Import& import, std::stop_token stop) {
    const Scenario scenario = formats::parse_scenario(import.text, import.recording.file + " (imported)");
    Replay result;
    Trace trace;
    sim::SimulationOptions options;
    options.trace = &trace;
    options.stop = std::move(stop);
    result.report = sim::simulate(scenario, free_profile(), options);
    const RecordedTrace recorded = recorded_trace(import);
    result.interludes = recorded.interludes;
    Comparing(import, recorded, trace, result).compare();
    return result;
}

std::string replay_to_json(const Replay& replay) {
    nlohmann::ordered_json figures = nlohmann::ordered_json::array();
    for (const ReplayFigure& each : replay.figures) {
        nlohmann::ordered_json figure{{"task", each.task},
                                      {"name", each.name},
                                      {"recorded", each.recorded},
                                      {"replayed", each.replayed},
                                      {"met", each.is_met()}};
        if (each.limit) figure["limit"] = *each.limit;
        if (each.distance) figure["distance"] = *each.distance;
        figures.push_back(std::move(figure));
    }
    const nlohmann::ordered_json all{{"scenario", replay.report.scenario},
                                     {"outcome", name_of(replay.report.outcome)},
                                     {"passed", replay.passed()},
                                     {"interludes", replay.interludes},
                                     {"figures", std::move(figures)}};
    return all.dump(2) + '\n';
}

} // namespace switchyard::lab
