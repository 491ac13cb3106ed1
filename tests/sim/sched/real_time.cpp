// Real-time policies against the theory of their time: what analysis promises no simulated job may break, on random
// sets of periodic tasks.
#include "models/analytic/earliest_deadline.hpp"
#include "models/analytic/fixed_priority.hpp"
#include "models/analytic/multiprocessor.hpp"
#include "models/analytic/partition.hpp"
#include "models/errors.hpp"
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <numeric>
#include <random>

using namespace switchyard;
using namespace std::chrono_literals;

namespace {

constexpr Duration hyperperiod = 120ms;

// Periods divide the hyperperiod, so that a simulation sees all there is to see.
class TaskSets {
public:
    explicit TaskSets(int seed) : random_(static_cast<std::uint64_t>(seed)) {}

    std::int64_t below(std::int64_t bound) {
        return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(bound));
    }

    // Of a total utilisation somewhere below `cores`; none needs more than one core.
    std::vector<PeriodicTask> draw(int tasks, int cores, bool implicit) {
        static constexpr std::array periods{4, 5, 6, 8, 10, 12, 15, 20, 24, 30, 40, 60, 120};
        std::vector<PeriodicTask> set;
        const std::int64_t most = std::min<std::int64_t>(2000 * cores / tasks, 1000); // thousandths of a core
        for (int i = 0; i < tasks; ++i) {
            const Duration period = 1ms * periods[static_cast<std::size_t>(below(periods.size()))];
            PeriodicTask task = implicit_deadline_task(
                std::max<Duration>(period / 1000 * (below(most) + 1) / 10us * 10us, 10us), period);
            if (!implicit) task.deadline = std::max<Duration>(task.execution, period * (below(100) + 30) / 100);
            set.push_back(task);
        }
        return set;
    }

    // Whole releases in the first period.
    std::vector<Duration> offsets(const std::vector<PeriodicTask>& set) {
        std::vector<Duration> drawn;
        for (const PeriodicTask& task : set) drawn.push_back(10us * below(task.period / 10us));
        return drawn;
    }

private:
    std::mt19937_64 random_;
};

using Parameters = std::map<std::string, std::string>;

Scenario scenario_of(const std::vector<PeriodicTask>& set, const std::vector<Duration>& offsets, std::uint32_t cores,
                     const std::string& policy, const Parameters& parameters = {}) {
    ScenarioBuilder builder("periodic tasks");
    builder.cores(cores).profile("free").hz(0).scheduler(policy, parameters);
    for (std::size_t i = 0; i < set.size(); ++i)
        builder.task(
            "task" + std::to_string(i), TaskKind::thread,
            [&](ProgramBuilder& program) {
                program.repeat(3 * (hyperperiod / set[i].period), [&](auto& each) {
                    each.job(set[i].period, [&](auto& job) { job.compute(set[i].execution); });
                });
            },
            [&](TaskTemplate& task) {
                task.start = Distribution::constant(offsets.empty() ? 0 : offsets[i].count());
                task.scheduling.period = set[i].period;
                task.scheduling.deadline = set[i].deadline;
                task.scheduling.runtime = set[i].execution;
                task.scheduling.priority = -static_cast<std::int32_t>(i); // the order of the set
            });
    return builder.build();
}

Report run(const std::vector<PeriodicTask>& set, const std::vector<Duration>& offsets, std::uint32_t cores,
           const std::string& policy, const Parameters& parameters = {}) {
    Report report = sim::simulate(scenario_of(set, offsets, cores, policy, parameters), free_profile());
    REQUIRE(report.outcome == Outcome::completed);
    for (const TaskReport& task : report.tasks) REQUIRE(task.jobs.finished == task.jobs.released);
    return report;
}

std::uint64_t missed(const Report& report) {
    return std::accumulate(report.tasks.begin(), report.tasks.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const TaskReport& task) { return sum + task.jobs.missed; });
}

bool fits(const std::vector<PeriodicTask>& set, std::uint32_t cores) { return compare_utilisation(set, cores) <= 0; }

} // namespace

TEST_CASE("EDF on one core meets all deadlines exactly where the processor-demand test says so") {
    int schedulable = 0;
    int not_schedulable = 0;
    for (int seed = 0; seed < 1500; ++seed) {
        INFO("seed " << seed);
        TaskSets sets(seed);
        const auto set = sets.draw(2 + seed % 5, 1, false);
        if (!fits(set, 1)) continue;
        const bool promised = earliest_deadline_schedulable(set);
        CHECK((missed(run(set, {}, 1, "edf")) == 0) == promised); // all released together: the worst that can be
        if (promised) CHECK(missed(run(set, sets.offsets(set), 1, "edf")) == 0);
        ++(promised ? schedulable : not_schedulable);
    }
    CHECK(schedulable > 100);
    CHECK(not_schedulable > 100);
}

TEST_CASE("EDF is optimal on one core: what any policy meets, it meets") {
    int met = 0;
    for (int seed = 0; seed < 400; ++seed) {
        INFO("seed " << seed);
        TaskSets sets(seed);
        const auto set = sets.draw(2 + seed % 4, 1, false);
        if (!fits(set, 1)) continue;
        const auto offsets = sets.offsets(set);
        for (const char* policy : {"fp", "rm", "dm", "llf", "edzl", "g_fl", "edf_us", "prid", "fifo", "rr", "sjf"})
            if (missed(run(set, offsets, 1, policy)) == 0) {
                INFO(policy);
                CHECK(missed(run(set, offsets, 1, "edf")) == 0);
                ++met;
            }
    }
    CHECK(met > 300);
}

TEST_CASE("Fixed priorities: no response is longer than its analysis, and the longest is met at the critical instant") {
    int compared = 0;
    for (int seed = 0; seed < 500; ++seed) {
        INFO("seed " << seed);
        TaskSets sets(seed);
        auto set = sets.draw(2 + seed % 5, 1, seed % 2 == 0);
        if (!fits(set, 1)) continue;
        std::string policy = "fp";
        if (seed % 3 == 1) { // priorities by period, each its own
            std::ranges::sort(set, {}, &PeriodicTask::period);
            if (std::ranges::adjacent_find(set, {}, &PeriodicTask::period) == set.end()) policy = "rm";
        } else if (seed % 3 == 2) {
            std::ranges::sort(set, {}, &PeriodicTask::deadline);
            if (std::ranges::adjacent_find(set, {}, &PeriodicTask::deadline) == set.end()) policy = "dm";
        }
        const Report together = run(set, {}, 1, policy);
        const Report apart = run(set, sets.offsets(set), 1, policy);
        for (std::size_t i = 0; i < set.size(); ++i) {
            const auto longest = fixed_priority_response_time(set, i);
            REQUIRE(longest.has_value());
            CHECK(together.tasks[i].jobs.response.most() == *longest);
            CHECK(apart.tasks[i].jobs.response.most() <= *longest);
            ++compared;
        }
    }
    CHECK(compared > 500);
}

TEST_CASE("Rate-monotonic sets within Liu and Layland's bound meet their deadlines") {
    int within = 0;
    for (int seed = 0; seed < 600; ++seed) {
        TaskSets sets(seed);
        const auto set = sets.draw(2 + seed % 5, 1, true);
        if (!within_liu_layland_bound(set)) continue;
        INFO("seed " << seed);
        CHECK(missed(run(set, sets.offsets(set), 1, "rm")) == 0);
        ++within;
    }
    CHECK(within > 50);
}

TEST_CASE("EDF: no response is longer than Spuri's analysis, late or not") {
    int compared = 0;
    for (int seed = 0; seed < 300; ++seed) {
        INFO("seed " << seed);
        TaskSets sets(seed);
        const auto set = sets.draw(2 + seed % 4, 1, false);
        if (!fits(set, 1)) continue;
        const Report together = run(set, {}, 1, "edf");
        const Report apart = run(set, sets.offsets(set), 1, "edf");
        for (std::size_t i = 0; i < set.size(); ++i) {
            const auto bound = earliest_deadline_response_time(set, i);
            REQUIRE(bound.has_value());
            CHECK(together.tasks[i].jobs.response.most() <= *bound);
            CHECK(apart.tasks[i].jobs.response.most() <= *bound);
            ++compared;
        }
    }
    CHECK(compared > 300);
}

TEST_CASE("Several cores: what the bounds of global policies promise is kept") {
    int within_gfb = 0;
    int within_half = 0;
    int within_prid = 0;
    int late = 0;
    for (int seed = 0; seed < 900; ++seed) {
        INFO("seed " << seed);
        TaskSets sets(seed);
        const auto cores = static_cast<std::uint32_t>(2 + seed % 3);
        const auto set = sets.draw(3 + seed % 8, static_cast<int>(cores), true);
        if (!fits(set, cores)) continue;
        const auto offsets = sets.offsets(set);
        const Report edf = run(set, offsets, cores, "edf");
        if (within_global_earliest_deadline_bound(set, cores)) {
            CHECK(missed(edf) == 0);
            CHECK(missed(run(set, offsets, cores, "edzl")) == 0); // it meets whatever global EDF meets
            ++within_gfb;
        }
        // Baker 2005: EDF-US[1/2] up to (m + 1) / 2.
        std::vector<PeriodicTask> doubled = set;
        for (PeriodicTask& task : doubled) task.execution *= 2;
        if (compare_utilisation(doubled, cores + 1) <= 0) {
            CHECK(missed(run(set, offsets, cores, "edf_us")) == 0);
            ++within_half;
        }
        // EDF^(k): the favoured have a core each; global EDF has the others.
        const auto favoured = priority_driven_favourites(set);
        std::vector<PeriodicTask> others;
        for (std::size_t i = 0; i < set.size(); ++i)
            if (std::ranges::find(favoured, i) == favoured.end()) others.push_back(set[i]);
        if (favoured.size() < cores &&
            within_global_earliest_deadline_bound(others, cores - static_cast<std::uint32_t>(favoured.size()))) {
            CHECK(missed(run(set, offsets, cores, "prid")) == 0);
            ++within_prid;
        }
        const auto tardiness = tardiness_bounds(set, cores);
        REQUIRE(tardiness.has_value());
        for (std::size_t i = 0; i < set.size(); ++i) {
            const Duration longest = edf.tasks[i].jobs.response.most();
            CHECK(longest - set[i].deadline <= (*tardiness)[i]);
            late += longest > set[i].deadline;
        }
    }
    CHECK(within_gfb > 100);
    CHECK(within_half > 100);
    CHECK(within_prid > 100);
    CHECK(late > 0);
}

TEST_CASE("EDF-US and EDF^(k) save the heavy task that global EDF loses to light ones") {
    // Dhall and Liu's example: two light tasks are due just before the heavy one and take both cores.
    const std::vector<PeriodicTask> set{implicit_deadline_task(2ms, 10ms), implicit_deadline_task(2ms, 10ms),
                                        implicit_deadline_task(11ms, 12ms)};
    CHECK(missed(run(set, {}, 2, "edf")) > 0);
    CHECK(missed(run(set, {}, 2, "edf_us")) == 0);
    CHECK(missed(run(set, {}, 2, "prid")) == 0);
    CHECK(missed(run(set, {}, 2, "edzl")) == 0);
}

TEST_CASE("Partitioned EDF meets all deadlines wherever the tasks can be bound, and says so where they cannot") {
    int bound = 0;
    int refused = 0;
    for (int seed = 0; seed < 600; ++seed) {
        INFO("seed " << seed);
        TaskSets sets(seed);
        const auto cores = static_cast<std::uint32_t>(2 + seed % 3);
        const auto set = sets.draw(3 + seed % 8, static_cast<int>(cores), true);
        const char* rule = std::array{"first_fit", "best_fit", "worst_fit"}[static_cast<std::size_t>(sets.below(3))];
        const char* order = sets.below(2) == 0 ? "decreasing" : "given";
        const Parameters parameters{{"partition", rule}, {"partition_order", order}};
        INFO(rule << " " << order);
        std::optional<Report> report;
        try {
            report = run(set, sets.offsets(set), cores, "edf", parameters);
        } catch (const InputError& error) {
            CHECK_THAT(error.message(), Catch::Matchers::ContainsSubstring("do not fit on"));
            CHECK(utilisation(set) > (cores + 1) / 2.0); // no rule wastes more (Lopez et al. 2004)
            ++refused;
            continue;
        }
        CHECK(missed(*report) == 0);
        CHECK(report->counters.migrations == 0);
        ++bound;
    }
    CHECK(bound > 100);
    CHECK(refused > 20);
}

TEST_CASE("A partition knows how fast cores are and where tasks may run") {
    const std::vector<PeriodicTask> set{implicit_deadline_task(4ms, 10ms), implicit_deadline_task(8ms, 10ms)};
    Scenario scenario = scenario_of(set, {}, 2, "edf", {{"partition", "first_fit"}, {"partition_order", "given"}});
    scenario.machine.topology.speeds = {500, 1000}; // the first fits on the slow core, the second only on the other
    CHECK(missed(sim::simulate(scenario, free_profile())) == 0);
    scenario.tasks[1].cores = {0};
    CHECK_THROWS_AS(sim::simulate(scenario, free_profile()), InputError);
    scenario.tasks[1].cores = {};
    scenario.tasks[1].scheduling.runtime = {};
    CHECK_THROWS_AS(sim::simulate(scenario, free_profile()), InputError); // it does not say what it needs
}

TEST_CASE("A constant-bandwidth server that wants more than it was promised delays nobody else") {
    for (int seed = 0; seed < 200; ++seed) {
        INFO("seed " << seed);
        TaskSets sets(seed);
        const auto set = sets.draw(3, 1, true);
        if (!fits(set, 1)) continue;
        const auto offsets = sets.offsets(set);
        Scenario scenario = scenario_of(set, offsets, 1, "cbs");
        REQUIRE(missed(sim::simulate(scenario, free_profile())) == 0);
        // The first one computes up to three times as long as it said.
        for (Distribution& amount : scenario.tasks[0].program.amounts)
            if (amount == Distribution::constant(set[0].execution.count()))
                amount = Distribution::uniform(static_cast<double>(set[0].execution.count()),
                                               3 * static_cast<double>(set[0].execution.count()));
        const Report report = sim::simulate(scenario, free_profile());
        CHECK(report.tasks[1].jobs.missed == 0);
        CHECK(report.tasks[2].jobs.missed == 0);
    }
}

TEST_CASE("A constant-bandwidth server postpones its deadline whenever its budget is spent") {
    // Promised 2 in 10: the server's deadlines are 10, 20 and 30 for the three parts of its task's 6.
    const auto run_against = [](Duration arrival) {
        return sim::simulate(ScenarioBuilder("cbs")
                                 .cores(1)
                                 .profile("free")
                                 .hz(0)
                                 .scheduler("cbs")
                                 .task(
                                     "served", TaskKind::thread, [](auto& task) { task.compute(6ms); },
                                     [](TaskTemplate& task) {
                                         task.scheduling.runtime = 2ms;
                                         task.scheduling.period = 10ms;
                                     })
                                 .task(
                                     "other", TaskKind::thread, [](auto& task) { task.compute(5ms); },
                                     [&](TaskTemplate& task) {
                                         task.scheduling.runtime = 5ms;
                                         task.scheduling.period = 15ms;
                                         task.start = Distribution::constant(arrival.count());
                                     })
                                 .build(),
                             free_profile());
    };
    SECTION("while another waits, due at 15: after the first part and before the second") {
        const Report report = run_against(0ms);
        CHECK(report.tasks[0].turnaround.sum == 11ms); // 2, then the other's 5, then 4
        CHECK(report.tasks[1].turnaround.sum == 7ms);
    }
    SECTION("and while it is alone: one that comes at 5 and is due at 20 meets the third part, due at 30") {
        const Report report = run_against(5ms);
        CHECK(report.tasks[0].turnaround.sum == 11ms);
        CHECK(report.tasks[1].turnaround.sum == 5ms);
    }
}

TEST_CASE("A job that never got a core is given up at its deadline all the same") {
    const std::vector<PeriodicTask> set{{.execution = 30ms, .period = 120ms, .deadline = 120ms},
                                        {.execution = 1ms, .period = 20ms, .deadline = 5ms}};
    Scenario scenario = scenario_of(set, {}, 1, "fp");
    scenario.tasks[1].scheduling.aborts_on_miss = true;
    Trace trace;
    sim::SimulationOptions options;
    options.trace = &trace;
    const Report report = sim::simulate(scenario, free_profile(), options);
    // Of six jobs in 120 ms, those released at 0 and 20 are due at 5 and 25 while the other task has the core.
    CHECK(report.tasks[1].jobs.released == 18);
    CHECK(report.tasks[1].jobs.aborted == 6);
    CHECK(report.tasks[1].jobs.finished == 12);
    std::vector<Duration> aborted;
    for (const TraceEvent& event : trace.events)
        if (event.kind == EventKind::job_aborted) aborted.push_back(event.time - Time{});
    CHECK(aborted == std::vector<Duration>{5ms, 25ms, 125ms, 145ms, 245ms, 265ms});
}
