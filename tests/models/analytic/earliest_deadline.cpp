#include "models/analytic/earliest_deadline.hpp"

#include "models/errors.hpp"
#include "tests/models/analytic/played_jobs.hpp"
#include "tests/models/says.hpp"

#include <catch2/catch_test_macros.hpp>
#include <chrono>

using namespace std::chrono_literals;
using namespace switchyard;

TEST_CASE("the demand of Buttazzo's example at each deadline", "[schedulability]") {
    // Buttazzo, "Hard Real-Time Computing Systems", the processor-demand test: (C, D, T) = (2, 4, 6), (2, 5, 8),
    // (3, 7, 9), of which deadlines up to 25 matter.
    const std::vector<PeriodicTask> tasks{{.execution = 2ms, .period = 6ms, .deadline = 4ms},
                                          {.execution = 2ms, .period = 8ms, .deadline = 5ms},
                                          {.execution = 3ms, .period = 9ms, .deadline = 7ms}};
    const std::vector<std::pair<int, int>> demands{{0, 0},   {3, 0},   {4, 2},   {5, 4},   {7, 7},  {10, 9},
                                                   {13, 11}, {15, 11}, {16, 16}, {21, 18}, {22, 20}};
    for (const auto& [deadline, demand] : demands) {
        INFO("at " << deadline);
        CHECK(demand_bound(tasks, std::chrono::milliseconds{deadline}) == std::chrono::milliseconds{demand});
    }
    CHECK(earliest_deadline_schedulable(tasks));
    CHECK(earliest_deadline_schedulable_by_demand(tasks));

    // Nothing is to spare at 16 ms: one picosecond more is too much.
    std::vector<PeriodicTask> more = tasks;
    more[1].execution += Duration{1};
    CHECK(compare_utilisation(more, 1) == std::strong_ordering::less);
    CHECK_FALSE(earliest_deadline_schedulable(more));
    CHECK_FALSE(earliest_deadline_schedulable_by_demand(more));
}

TEST_CASE("implicit deadlines are met up to a utilisation of exactly 1", "[schedulability]") {
    // 2/5 + 4/7 = 34/35 (Liu and Layland's theorem 7); rate-monotonic priorities miss a deadline here.
    std::vector<PeriodicTask> tasks{implicit_deadline_task(2s, 5s), implicit_deadline_task(4s, 7s)};
    CHECK(earliest_deadline_schedulable(tasks));
    tasks.push_back(implicit_deadline_task(1s, 35s));
    CHECK(compare_utilisation(tasks, 1) == std::strong_ordering::equal);
    CHECK(earliest_deadline_schedulable(tasks));
    CHECK(earliest_deadline_response_time(tasks, 2) == Duration{35s});
    tasks[2].execution += Duration{1};
    CHECK_FALSE(earliest_deadline_schedulable(tasks));
    CHECK_FALSE(earliest_deadline_schedulable_by_demand(tasks));
    CHECK_FALSE(earliest_deadline_response_time(tasks, 2));
    CHECK(earliest_deadline_schedulable({}));
}

TEST_CASE("under earliest deadline first the worst response is not that of a common arrival", "[schedulability]") {
    // Worked out by hand. Together at 0, the first task is due at 4, goes first and takes 2. Arriving at 1, it is due
    // at 5 as the second is, which may go first: 3 + 2 - 1.
    const std::vector<PeriodicTask> tasks{{.execution = 2s, .period = 7s, .deadline = 4s},
                                          {.execution = 3s, .period = 6s, .deadline = 5s}};
    CHECK(earliest_deadline_response_time(tasks, 0) == Duration{4s});
    CHECK(earliest_deadline_response_time(tasks, 1) == Duration{5s});
    CHECK(earliest_deadline_schedulable(tasks));
}

TEST_CASE("jitter shortens the time until the deadline", "[schedulability]") {
    std::vector<PeriodicTask> tasks{{.execution = 2s, .period = 10s, .deadline = 5s, .jitter = 3s}};
    CHECK(demand_bound(tasks, 1s) == 0s);
    CHECK(demand_bound(tasks, 2s) == 2s);
    CHECK(demand_bound(tasks, 12s) == 4s);
    CHECK(earliest_deadline_schedulable(tasks));
    CHECK(earliest_deadline_response_time(tasks, 0) == Duration{5s});
    tasks[0].jitter += Duration{1};
    CHECK_FALSE(earliest_deadline_schedulable(tasks));
    CHECK_FALSE(earliest_deadline_schedulable_by_demand(tasks));
}

TEST_CASE("the plain test, the quick one and response times agree about every set", "[schedulability]") {
    DrawStream random({.seed = 21});
    int schedulable = 0;
    int too_much_at_once = 0;
    for (int round = 0; round < 6'000; ++round) {
        const std::vector<PeriodicTask> tasks =
            random_tasks(random, {.tasks = 5, .execution = 5, .jitter = round % 2 == 0 ? 0U : 4U});
        const bool plain = earliest_deadline_schedulable_by_demand(tasks);
        INFO("round " << round);
        REQUIRE(earliest_deadline_schedulable(tasks) == plain);
        const std::strong_ordering needed = compare_utilisation(tasks, 1);
        schedulable += plain;
        too_much_at_once += !plain && needed != std::strong_ordering::greater;

        bool in_time = true;
        bool known = true;
        for (std::size_t task = 0; task < tasks.size(); ++task) {
            const std::optional<Duration> response = earliest_deadline_response_time(tasks, task);
            known &= response.has_value();
            in_time &= response && *response <= tasks[task].deadline;
        }
        if (needed == std::strong_ordering::less) REQUIRE(known);
        if (known) REQUIRE(in_time == plain);
        if (needed == std::strong_ordering::greater) REQUIRE_FALSE(known);
    }
    CHECK(schedulable > 500);
    CHECK(too_much_at_once > 300);
}

namespace {

// Where the jobs of one task arrive: from `first` on, every period, each with a release of its own.
void add_jobs(std::vector<PlayedJob>& jobs, const PeriodicTask& it, std::size_t task, std::int64_t first,
              std::int64_t horizon) {
    for (std::int64_t arrival = first; arrival < horizon; arrival += it.period.count())
        jobs.push_back({.task = task,
                        .arrival = arrival,
                        .release = arrival,
                        .rank = arrival + it.deadline.count(),
                        .work = it.execution.count()});
}

// The worst response of a task where the others arrive together at 0 and it arrives whenever it likes, losing ties.
Duration worst_played(const std::vector<PeriodicTask>& tasks, std::size_t analysed) {
    Duration worst{};
    for (std::int64_t first = 0; first < tasks[analysed].period.count(); ++first) {
        std::vector<PlayedJob> jobs; // the first in it wins ties
        for (std::size_t task = 0; task < tasks.size(); ++task)
            if (task != analysed) add_jobs(jobs, tasks[task], task, 0, 3 * played_hyperperiod);
        add_jobs(jobs, tasks[analysed], analysed, first, 3 * played_hyperperiod);
        play(jobs, 1, 3 * played_hyperperiod);
        worst = std::max(worst, longest_response(jobs, analysed, played_hyperperiod + first));
    }
    return worst;
}

} // namespace

TEST_CASE("response times are those of earliest deadline first played out", "[schedulability]") {
    DrawStream random({.seed = 22});
    int checked = 0;
    int late = 0;
    for (int round = 0; round < 1'500; ++round) {
        const std::vector<PeriodicTask> tasks = random_tasks(random, {});
        if (compare_utilisation(tasks, 1) == std::strong_ordering::greater) continue;
        for (std::size_t task = 0; task < tasks.size(); ++task) {
            const std::optional<Duration> response = earliest_deadline_response_time(tasks, task);
            INFO("round " << round << ", task " << task);
            REQUIRE(response == worst_played(tasks, task));
            ++checked;
            late += *response > tasks[task].deadline;
        }
    }
    CHECK(checked > 1'000);
    CHECK(late > 50);
}

TEST_CASE("no arrivals and no jitter make responses longer than analysed", "[schedulability]") {
    DrawStream random({.seed = 23});
    int reached = 0;
    for (int round = 0; round < 400; ++round) {
        const std::vector<PeriodicTask> tasks = random_tasks(random, {.tasks = 3, .jitter = 5});
        if (compare_utilisation(tasks, 1) != std::strong_ordering::less) continue;
        std::vector<PlayedJob> jobs;
        for (std::size_t task = 0; task < tasks.size(); ++task)
            add_jobs(jobs, tasks[task], task, static_cast<std::int64_t>(uniform_below(random, 20)),
                     3 * played_hyperperiod);
        for (PlayedJob& job : jobs) { // late by anything up to the jitter, and often by all of it
            const auto jitter = static_cast<std::uint64_t>(tasks[job.task].jitter.count());
            job.release += static_cast<std::int64_t>(std::min(jitter, uniform_below(random, 2 * jitter + 1)));
        }
        play(jobs, 1, 6 * played_hyperperiod);
        for (std::size_t task = 0; task < tasks.size(); ++task) {
            const Duration played = longest_response(jobs, task, 2 * played_hyperperiod);
            INFO("round " << round << ", task " << task);
            REQUIRE(played <= earliest_deadline_response_time(tasks, task));
            reached += played == earliest_deadline_response_time(tasks, task);
        }
    }
    CHECK(reached > 50);
}

TEST_CASE("deadline analysis refuses what it does not cover", "[schedulability]") {
    std::vector<PeriodicTask> tasks{implicit_deadline_task(1s, 2s)};
    CHECK_THROWS_AS(demand_bound(tasks, -1s), InputError);
    CHECK_THROWS_AS(earliest_deadline_response_time(tasks, 1), InputError);
    tasks[0].blocking = 1s;
    CHECK_THROWS_MATCHES(earliest_deadline_schedulable(tasks), InputError, says("periodic task 1") && says("blocking"));
    CHECK_THROWS_AS(earliest_deadline_schedulable_by_demand(tasks), InputError);
    CHECK_THROWS_AS(demand_bound(tasks, 1s), InputError);
    tasks[0] = {.execution = 1s, .period = 0s, .deadline = 1s};
    CHECK_THROWS_AS(earliest_deadline_schedulable(tasks), InputError);
    CHECK_THROWS_AS(demand_bound(std::vector<PeriodicTask>{{.execution = 1h, .period = 1s, .deadline = 1s}}, 10h * 24),
                    TimeOverflow);
    const std::vector<PeriodicTask> much(3, {.execution = Duration::max(), .period = Duration{1}, .deadline = 1s});
    CHECK_THROWS_AS(demand_bound(much, Duration::max()), TimeOverflow);
}
