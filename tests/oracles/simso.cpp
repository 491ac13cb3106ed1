// SimSo, a simulator of real-time scheduling (Cheramy, Hladik and Deplanche 2014, "SimSo: a simulation tool to evaluate
// real-time multiprocessor scheduling algorithms", WATERS): when each job was released, first ran and ended.
//
// Each case says how strong it is ("cross_check"): policy_exact and exact_with_tie_rule must be met to the microsecond.
// peer_specific ones depend on SimSo's own order among equals or its truncation of times; not_cross_checked ones have
// nobody else's word for them: of both it is told how many are met.
//
// SimSo's overheads have no counterpart here: it charges them at every event a core handles, also where the same job
// goes on; a switch is charged where the core goes from one thread to another. Those cases are told and not played.
#include "models/machine/profile.hpp"
#include "sim/kernel/boot.hpp"
#include "sim/kernel/instant.hpp"
#include "tests/oracles/oracle.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <fmt/format.h>
#include <iostream>
#include <map>
#include <set>

using namespace switchyard;
using namespace switchyard::oracles;
using namespace std::chrono_literals;

namespace {

constexpr Duration microsecond = 1us;

// Our policy for one of SimSo's schedulers.
struct Counterpart {
    const char* policy;
    std::map<std::string, std::string> parameters = {};
};

Counterpart counterpart_of(const std::string& scheduler) {
    static const std::map<std::string, Counterpart, std::less<>> known{
        {"EDF_mono", {"edf"}},
        {"EDF", {"edf"}},
        {"RM_mono", {"rm"}},
        {"RM", {"rm"}},
        {"DM", {"dm"}},
        {"FP", {"fp"}},
        {"EDF_US", {"edf_us"}},
        {"EDZL", {"edzl"}},
        {"G_FL", {"g_fl"}},
        {"PriD", {"prid"}},
        {"LLF", {"llf"}},
        {"P_EDF", {"edf", {{"partition", "first_fit"}}}},
        {"P_RM", {"rm", {{"partition", "worst_fit"}, {"partition_order", "given"}}}},
    };
    const auto found = known.find(scheduler);
    if (found == known.end()) throw InputError("no policy is known to be SimSo's " + scheduler);
    return found->second;
}

std::vector<Duration> arrivals_of(const Json& task, Duration horizon) {
    std::vector<Duration> arrivals;
    if (task.contains("arrivals_us")) {
        for (const Json& at : task.at("arrivals_us")) arrivals.push_back(microsecond * at.get<std::int64_t>());
        std::erase_if(arrivals, [&](Duration at) { return at > horizon; });
        return arrivals;
    }
    const Duration period = microsecond * task.at("period_us").get<std::int64_t>();
    for (Duration at = microsecond * task.value("offset_us", std::int64_t{0}); at <= horizon; at += period)
        arrivals.push_back(at);
    return arrivals;
}

struct Job {
    std::optional<Duration> release;
    std::optional<Duration> first_run;
    std::optional<Duration> finish;
    bool aborted = false;
};

struct Segment {
    std::int64_t core, begin, end, task, job; // times in microseconds
    friend auto operator<=>(const Segment&, const Segment&) = default;
};

struct Played {
    std::map<std::pair<std::int64_t, std::int64_t>, Job> jobs; // by SimSo's numbers of task and job
    std::vector<Segment> segments;                             // merged, in no order
};

class Run {
public:
    explicit Run(const OracleCase& one) : input_(one.input()) {
        const Duration horizon = microsecond * input_.at("horizon_us").get<std::int64_t>();
        const Scenario scenario = scenario_of(one, horizon);
        const CostProfile profile = free_profile();
        const std::unique_ptr<sim::Kernel> kernel = sim::boot(scenario, profile, {}, &trace_);
        while (sim::next_instant(*kernel, Time{horizon}) > 0) continue;
        read_trace();
        // Who still runs at the horizon.
        for (std::uint16_t core = 0; core < scenario.machine.cores; ++core)
            if (const TaskId id = kernel->cores[core].current; id != no_task) ran(id, core, Time{horizon});
    }

    Played played;

private:
    // Equals go in the order of releases, then of task numbers ("id"); in some cases the other way round ("rid").
    Scenario scenario_of(const OracleCase& one, Duration horizon) {
        Counterpart counterpart = counterpart_of(input_.at("scheduler"));
        const Json rules = one.document.at("cross_check").value("rules", Json::array());
        const auto has = [&](const char* rule) { return std::ranges::find(rules, rule) != rules.end(); };
        if (has("rid") && !has("id")) counterpart.parameters["equals"] = "last_released";
        ScenarioBuilder builder(one.id);
        builder.cores(input_.at("cores")).profile("free").hz(0).scheduler(counterpart.policy, counterpart.parameters);
        if (input_.contains("speeds")) {
            std::vector<std::uint32_t> speeds;
            for (const Json& speed : input_.at("speeds"))
                speeds.push_back(static_cast<std::uint32_t>(std::lround(speed.get<double>() * nominal_speed)));
            builder.speeds(speeds);
        }
        for (const Json& task : input_.at("tasks")) add(builder, task, arrivals_of(task, horizon));
        return builder.build();
    }

    void add(ScenarioBuilder& builder, const Json& task, const std::vector<Duration>& arrivals) {
        if (arrivals.empty()) return;
        numbers_.push_back(task.at("id"));
        const Duration work = microsecond * task.at("wcet_us").get<std::int64_t>();
        const auto jobs = [&](ProgramBuilder& program) {
            if (task.contains("arrivals_us")) {
                for (std::size_t i = 0; i < arrivals.size(); ++i)
                    program.job(i == 0 ? Duration{} : arrivals[i] - arrivals[i - 1],
                                [&](ProgramBuilder& job) { job.compute(work); });
            } else {
                program.repeat(static_cast<std::int64_t>(arrivals.size()), [&](ProgramBuilder& each) {
                    each.job(microsecond * task.at("period_us").get<std::int64_t>(),
                             [&](ProgramBuilder& job) { job.compute(work); });
                });
            }
        };
        builder.task(task.at("name"), TaskKind::thread, jobs, [&](TaskTemplate& wanted) {
            wanted.start = Distribution::constant(arrivals.front().count());
            wanted.scheduling.period = microsecond * task.at("period_us").get<std::int64_t>();
            wanted.scheduling.deadline = microsecond * task.at("deadline_us").get<std::int64_t>();
            wanted.scheduling.runtime = work;
            wanted.scheduling.aborts_on_miss = input_.value("abort_on_miss", false);
            if (task.contains("data")) wanted.scheduling.priority = task.at("data").value("priority", 0);
        });
    }

    struct TaskState {
        std::int64_t job = -1; // the latest that has begun or was given up
        bool in_job = false;
        std::optional<Time> since; // on a core
        std::uint16_t core = 0;
    };

    Job& job_of(TaskId id) { return played.jobs[{numbers_[id], states_[id].job}]; }

    void read_trace() {
        states_.resize(numbers_.size());
        for (const TraceEvent& event : trace_.events) {
            if (event.task >= states_.size()) continue;
            TaskState& task = states_[event.task];
            switch (event.kind) {
            case EventKind::running:
                task.since = event.time;
                task.core = event.core;
                break;
            case EventKind::stopped: ran(event.task, event.core, event.time); break;
            case EventKind::job_begun: // its predecessor ended at this instant
                ++task.job;
                task.in_job = true;
                task.since = event.time;
                job_of(event.task).release = event.time - Time{} - Duration{event.value};
                break;
            case EventKind::job_finished:
            case EventKind::job_aborted:
                if (!task.in_job) { // before it had begun
                    ++task.job;
                    job_of(event.task).release = event.time - Time{} - Duration{event.value};
                } else if (task.since) {
                    ran(event.task, task.core, event.time);
                    task.since = event.time;
                }
                task.in_job = false;
                job_of(event.task).finish = event.time - Time{};
                job_of(event.task).aborted = event.kind == EventKind::job_aborted;
                break;
            default: break;
            }
        }
    }

    // The job of the task has had the core until `end`.
    void ran(TaskId id, std::uint16_t core, Time end) {
        TaskState& task = states_[id];
        const std::optional<Time> since = std::exchange(task.since, std::nullopt);
        if (!since || !task.in_job || end <= *since) return;
        Job& job = job_of(id);
        if (!job.first_run) job.first_run = *since - Time{};
        const Segment next{core, (*since - Time{}) / microsecond, (end - Time{}) / microsecond, numbers_[id], task.job};
        for (auto last = played.segments.rbegin(); last != played.segments.rend(); ++last) {
            if (last->core != core) continue;
            if (last->task == next.task && last->job == next.job && last->end == next.begin) {
                last->end = next.end;
                return;
            }
            break;
        }
        played.segments.push_back(next);
    }

    const Json& input_;
    Trace trace_;
    std::vector<std::int64_t> numbers_; // by task: SimSo's
    std::vector<TaskState> states_;     // by task
};

std::string text_of(std::optional<Duration> time) {
    if (!time) return "never";
    return fmt::format("{} us", static_cast<double>(time->count()) / 1e6);
}

std::optional<Duration> time_of(const Json& value) {
    if (value.is_null()) return std::nullopt;
    return microsecond * value.get<std::int64_t>();
}

bool is_near(std::optional<Duration> expected, std::optional<Duration> got, Duration tolerance) {
    if (!expected || !got) return expected == got;
    return std::chrono::abs(*expected - *got) <= tolerance;
}

// Of all jobs, or of none: one that nobody can tell (its predecessor still runs) counts as not run.
std::vector<std::string> differences(const OracleCase& one, const Played& played, Duration tolerance) {
    std::vector<std::string> found;
    std::size_t begun = 0;
    for (const Json& expected : one.expected().at("jobs")) {
        const auto job = played.jobs.find({expected.at("task"), expected.at("job")});
        const Job got = job == played.jobs.end() ? Job{} : job->second;
        begun += job != played.jobs.end();
        const auto compare = [&](const char* what, std::optional<Duration> wanted, std::optional<Duration> have) {
            if (!is_near(wanted, have, tolerance))
                found.push_back(fmt::format("task {} job {}: {} expected {}, got {}", expected.at("task").get<int>(),
                                            expected.at("job").get<int>(), what, text_of(wanted), text_of(have)));
        };
        if (got.release) compare("release", time_of(expected.at("release")), got.release);
        compare("first run", time_of(expected.at("first_run")), got.first_run);
        compare("finish", time_of(expected.at("finish")), got.finish);
        if (expected.value("aborted", false) != got.aborted)
            found.push_back(fmt::format("task {} job {}: {}", expected.at("task").get<int>(),
                                        expected.at("job").get<int>(), got.aborted ? "aborted" : "not aborted"));
    }
    if (begun != played.jobs.size())
        found.push_back(fmt::format("{} jobs began that are not expected", played.jobs.size() - begun));
    return found;
}

// Where there is one core, or each task has its own, segments leave no choice.
std::vector<std::string> segment_differences(const OracleCase& one, const Played& played) {
    std::set<Segment> got(played.segments.begin(), played.segments.end());
    std::vector<std::string> found;
    for (const Json& segment : one.expected().at("segments")) {
        const Segment wanted{segment[0], segment[1], segment[2], segment[3], segment[4]};
        if (got.erase(wanted) == 0)
            found.push_back(fmt::format("core {}: task {} job {} does not run from {} to {} us", wanted.core,
                                        wanted.task, wanted.job, wanted.begin, wanted.end));
    }
    for (const Segment& other : got)
        found.push_back(fmt::format("core {}: task {} job {} runs from {} to {} us", other.core, other.task, other.job,
                                    other.begin, other.end));
    return found;
}

std::string verdict_of(const OracleCase& one) { return one.document.at("cross_check").at("verdict"); }

std::vector<std::string> wrong_with(const OracleCase& one) {
    const Played played = Run(one).played;
    std::vector<std::string> found = differences(one, played, Duration::zero());
    const std::string scheduler = one.input().at("scheduler");
    if (one.input().at("cores") == 1 || scheduler.starts_with("P_"))
        std::ranges::move(segment_differences(one, played), std::back_inserter(found));
    return found;
}

bool has_overheads(const OracleCase& one) {
    return std::ranges::any_of(one.input().items(), [](const auto& item) {
        return item.key().find("overhead") != std::string::npos || item.key().starts_with("context_") ||
               item.key().find("penalty") != std::string::npos;
    });
}

std::map<std::string, std::vector<OracleCase>> by_scheduler(std::vector<OracleCase> cases) {
    std::map<std::string, std::vector<OracleCase>> sorted;
    for (OracleCase& one : cases) {
        const std::string scheduler = one.input().at("scheduler");
        sorted[scheduler].push_back(std::move(one));
    }
    return sorted;
}

std::vector<OracleCase> cases_of(std::string_view verdict) {
    std::vector<OracleCase> cases = read_cases("scheduling/simso");
    std::erase_if(cases, [&](const OracleCase& one) { return verdict_of(one) != verdict; });
    return cases;
}

void check_exact(std::string_view verdict) {
    std::vector<OracleCase> all = cases_of(verdict);
    for (const auto& [scheduler, cases] : by_scheduler(std::move(all)))
        check_cases(fmt::format("simso {} ({})", scheduler, verdict), cases,
                    [](const OracleCase& one) -> std::optional<std::string> {
                        const std::vector<std::string> wrong = wrong_with(one);
                        if (wrong.empty()) return std::nullopt;
                        return fmt::format("{} ({} differences)", wrong.front(), wrong.size());
                    });
}

} // namespace

TEST_CASE("SimSo: where every correct scheduler agrees, first runs and ends are exact") { check_exact("policy_exact"); }

TEST_CASE("SimSo: where every scheduler with the same rule among equals agrees") { check_exact("exact_with_tie_rule"); }

TEST_CASE("SimSo: where only its own order among equals gives these times, as much work is done") {
    for (const OracleCase& one : cases_of("peer_specific")) {
        INFO(one.id);
        const Played played = Run(one).played;
        const std::vector<std::string> wrong = differences(one, played, Duration::zero());
        std::size_t jobs = 0;
        std::size_t finished = 0;
        std::size_t got_finished = 0;
        Duration latest{};
        for (const Json& job : one.expected().at("jobs")) {
            ++jobs;
            finished += !job.at("finish").is_null();
            const auto got = played.jobs.find({job.at("task"), job.at("job")});
            if (got == played.jobs.end() || !got->second.finish) continue;
            ++got_finished;
            if (!job.at("finish").is_null())
                latest = std::max(latest, std::chrono::abs(*time_of(job.at("finish")) - *got->second.finish));
        }
        std::cout << fmt::format("simso {} (peer_specific): {} differences in {} jobs, ends up to {} apart\n", one.id,
                                 wrong.size(), jobs, text_of(latest));
        // Which of equal jobs goes first moves ends by the lengths of jobs, not of how many come to theirs.
        CHECK(std::max(finished, got_finished) - std::min(finished, got_finished) <= one.input().at("cores"));
    }
}

TEST_CASE("SimSo: what nobody else has confirmed is tried") {
    std::map<std::string, std::pair<int, int>> exact; // by scheduler: met, all
    int with_overheads = 0;
    int played = 0;
    for (const OracleCase& one : cases_of("not_cross_checked")) {
        if (has_overheads(one)) {
            ++with_overheads;
            continue;
        }
        const std::vector<std::string> wrong = wrong_with(one);
        ++played;
        auto& [met, all] = exact[one.input().at("scheduler")];
        ++all;
        met += wrong.empty();
        if (!wrong.empty())
            std::cout << fmt::format("  {}: {} differences: {}\n", one.id, wrong.size(), fmt::join(wrong, "; "));
    }
    for (const auto& [scheduler, counts] : exact)
        std::cout << fmt::format("simso {} (not_cross_checked): {} of {} exact\n", scheduler, counts.first,
                                 counts.second);
    if (with_overheads > 0)
        std::cout << fmt::format("simso: {} with SimSo's overheads, which ours do not mean, not played\n",
                                 with_overheads);
    SUCCEED(played << " played");
}
