#include "models/analytic/multiprocessor.hpp"

#include "models/errors.hpp"
#include "tests/models/analytic/played_jobs.hpp"

#include <catch2/catch_test_macros.hpp>
#include <chrono>

using namespace std::chrono_literals;
using namespace switchyard;

TEST_CASE("Dhall's effect is outside the bound of global earliest deadline first", "[schedulability]") {
    // Dhall and Liu 1978: two light tasks go first on both cores, and the heavy one with hardly any slack is late.
    const std::vector<PeriodicTask> tasks{implicit_deadline_task(1ms, 10ms), implicit_deadline_task(1ms, 10ms),
                                          implicit_deadline_task(11ms, 11ms)};
    CHECK_FALSE(within_global_earliest_deadline_bound(tasks, 2));
    // U = 3/2 with no task above 1/2 is just within 2 - 1/2.
    std::vector<PeriodicTask> halves(3, implicit_deadline_task(1s, 2s));
    CHECK(within_global_earliest_deadline_bound(halves, 2));
    halves[0].execution += Duration{1};
    CHECK_FALSE(within_global_earliest_deadline_bound(halves, 2));
    CHECK(within_global_earliest_deadline_bound(std::vector{implicit_deadline_task(1s, 1s)}, 1));
    CHECK_FALSE(within_global_earliest_deadline_bound(std::vector{implicit_deadline_task(2s, 1s)}, 8));
    CHECK(within_global_earliest_deadline_bound({}, 1));
}

TEST_CASE("bounds on tardiness worked out by hand", "[schedulability]") {
    SECTION("three tasks of 2 every 3 on two cores, fully used: one is late by 1, 2 is the bound") {
        // k = 1: (2 - 2) / (2 - 0) = 0, so the execution itself.
        const std::vector<PeriodicTask> tasks(3, implicit_deadline_task(2s, 3s));
        CHECK(tardiness_bounds(tasks, 2) == std::vector<Duration>(3, Duration{2s}));
    }
    SECTION("three cores, k = 2: (5 + 4 - 1) / (3 - 5/6) = 48/13 beyond the execution, rounded up") {
        const std::vector<PeriodicTask> tasks{
            implicit_deadline_task(Duration{5}, Duration{6}), implicit_deadline_task(Duration{4}, Duration{6}),
            implicit_deadline_task(Duration{4}, Duration{6}), implicit_deadline_task(Duration{1}, Duration{2})};
        // U = 5/6 + 4/6 + 4/6 + 3/6 = 16/6.
        CHECK(tardiness_bounds(tasks, 3) == std::vector<Duration>{Duration{9}, Duration{8}, Duration{8}, Duration{5}});
    }
    SECTION("on one core no job is late") {
        CHECK(tardiness_bounds(std::vector{implicit_deadline_task(1s, 1s)}, 1) == std::vector<Duration>{0s});
    }
    SECTION("lateness without end has no bound") {
        CHECK_FALSE(tardiness_bounds(std::vector<PeriodicTask>(3, implicit_deadline_task(1s, 1s)), 2));
        CHECK_FALSE(tardiness_bounds(std::vector{implicit_deadline_task(3s, 2s)}, 2));
    }
}

TEST_CASE("global earliest deadline first played out keeps to its bounds", "[schedulability]") {
    DrawStream random({.seed = 31});
    int in_time = 0;
    int late = 0;
    for (int round = 0; round < 5'000; ++round) {
        const auto cores = static_cast<std::uint32_t>(2 + uniform_below(random, 2));
        const std::vector<PeriodicTask> tasks =
            random_tasks(random, {.tasks = 7, .execution = 8, .implicit_deadlines = true});
        const std::optional<std::vector<Duration>> bounds = tardiness_bounds(tasks, cores);
        INFO("round " << round);
        REQUIRE(bounds.has_value() == (compare_utilisation(tasks, cores) != std::strong_ordering::greater));
        if (!bounds) continue;

        std::vector<PlayedJob> jobs;
        for (std::size_t task = 0; task < tasks.size(); ++task) {
            const std::int64_t period = tasks[task].period.count();
            for (auto arrival = static_cast<std::int64_t>(uniform_below(random, 10)); arrival < 3 * played_hyperperiod;
                 arrival += period)
                jobs.push_back({.task = task,
                                .arrival = arrival,
                                .release = arrival,
                                .rank = arrival + period,
                                .work = tasks[task].execution.count()});
        }
        play(jobs, cores, 4 * played_hyperperiod);
        const bool guaranteed = within_global_earliest_deadline_bound(tasks, cores);
        in_time += guaranteed;
        for (std::size_t task = 0; task < tasks.size(); ++task) {
            const Duration response = longest_response(jobs, task, 2 * played_hyperperiod);
            const Duration tardiness = std::max(Duration::zero(), response - tasks[task].deadline);
            REQUIRE(tardiness <= (*bounds)[task]);
            if (guaranteed) REQUIRE(tardiness == Duration::zero());
            late += tardiness > Duration::zero();
        }
    }
    CHECK(in_time > 500);
    CHECK(late > 20);
}

TEST_CASE("global bounds refuse what they are not proven for", "[schedulability]") {
    const std::vector<PeriodicTask> constrained{{.execution = 1s, .period = 4s, .deadline = 3s}};
    CHECK_THROWS_AS(within_global_earliest_deadline_bound(constrained, 2), InputError);
    CHECK_THROWS_AS(tardiness_bounds(constrained, 2), InputError);
    CHECK_THROWS_AS(within_global_earliest_deadline_bound({}, 0), InputError);
    CHECK_THROWS_AS(tardiness_bounds({}, 0), InputError);
}

TEST_CASE("EDF^(k) favours as many of the heaviest as spare most cores", "[schedulability]") {
    // C/T of 0.737, 0.7, 0.333, 0.286 and 0.2 by size: k = 1 needs ceil(1.519 / 0.263) = 6 cores, k = 2
    // 1 + ceil(0.819 / 0.3) = 4, k = 3 2 + ceil(0.486 / 0.667) = 3, k = 4 3 + ceil(0.2 / 0.714) = 4, k = 5 4.
    const std::vector<PeriodicTask> tasks{implicit_deadline_task(7s, 10s), implicit_deadline_task(14s, 19s),
                                          implicit_deadline_task(1s, 3s), implicit_deadline_task(2s, 7s),
                                          implicit_deadline_task(1s, 5s)};
    CHECK(priority_driven_favourites(tasks) == std::vector<std::size_t>{1, 0});
    CHECK(priority_driven_favourites({}).empty());
    // One that needs a whole core leaves nothing beside it.
    const std::vector<PeriodicTask> full{implicit_deadline_task(1s, 1s), implicit_deadline_task(1s, 10s),
                                         implicit_deadline_task(1s, 10s)};
    CHECK(priority_driven_favourites(full) == std::vector<std::size_t>{0});
    CHECK(priority_driven_favourites(std::vector(4, implicit_deadline_task(1s, 10s))).empty());
}
