#include "models/analytic/fixed_priority.hpp"

#include "models/errors.hpp"
#include "tests/models/analytic/played_jobs.hpp"
#include "tests/models/says.hpp"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <cmath>

using namespace std::chrono_literals;
using namespace switchyard;
using Catch::Approx;

TEST_CASE("the Liu-Layland bound falls from 1 to ln 2", "[schedulability]") {
    // Liu and Layland 1973, after theorem 4: n (2^(1/n) - 1).
    CHECK(liu_layland_bound(1) == Approx(1));
    CHECK(liu_layland_bound(2) == Approx(2 * (std::sqrt(2.0) - 1)));
    CHECK(liu_layland_bound(3) == Approx(0.779763).epsilon(1e-6));
    CHECK(liu_layland_bound(1'000'000'000) == Approx(std::log(2.0)).epsilon(1e-8));
    CHECK_THROWS_AS(liu_layland_bound(0), InputError);
}

TEST_CASE("the hyperbolic bound admits what the Liu-Layland bound does not", "[schedulability]") {
    // (1/2 + 1) (1/3 + 1) = 2 exactly, while 5/6 = 0.8333 is above 0.8284.
    const std::vector<PeriodicTask> tasks{implicit_deadline_task(1s, 2s), implicit_deadline_task(1s, 3s)};
    CHECK_FALSE(within_liu_layland_bound(tasks));
    CHECK(within_hyperbolic_bound(tasks));
    CHECK(fixed_priority_schedulable(tasks));

    std::vector<PeriodicTask> more = tasks;
    more[1].execution += Duration{1}; // one picosecond in a second
    CHECK_FALSE(within_hyperbolic_bound(more));
    CHECK(within_liu_layland_bound(std::vector{implicit_deadline_task(1s, 1s)}));
    CHECK_FALSE(within_liu_layland_bound(std::vector{implicit_deadline_task(1s + Duration{1}, 1s)}));
}

TEST_CASE("both bounds only admit sets that rate-monotonic priorities schedule", "[schedulability]") {
    DrawStream random({.seed = 11});
    int within_both = 0;
    int within_hyperbolic_only = 0;
    for (int round = 0; round < 2'000; ++round) {
        std::vector<PeriodicTask> tasks = random_tasks(random, {.execution = 3, .implicit_deadlines = true});
        std::ranges::sort(tasks, {}, &PeriodicTask::period);
        INFO("round " << round);
        if (within_liu_layland_bound(tasks)) {
            REQUIRE(within_hyperbolic_bound(tasks));
            REQUIRE(utilisation(tasks) <= liu_layland_bound(tasks.size()) + 1e-12);
            ++within_both;
        } else {
            REQUIRE(utilisation(tasks) >= liu_layland_bound(tasks.size()) - 1e-12);
            if (within_hyperbolic_bound(tasks)) ++within_hyperbolic_only;
        }
        if (within_hyperbolic_bound(tasks)) REQUIRE(fixed_priority_schedulable(tasks));
    }
    CHECK(within_both > 100);
    CHECK(within_hyperbolic_only > 10);
}

TEST_CASE("response times of the textbook's task sets", "[schedulability]") {
    SECTION("Burns and Wellings, Real-Time Systems and Programming Languages: 3, 6 and 20") {
        const std::vector<PeriodicTask> tasks{implicit_deadline_task(3ms, 7ms), implicit_deadline_task(3ms, 12ms),
                                              implicit_deadline_task(5ms, 20ms)};
        CHECK(fixed_priority_response_time(tasks, 0) == Duration{3ms});
        CHECK(fixed_priority_response_time(tasks, 1) == Duration{6ms});
        CHECK(fixed_priority_response_time(tasks, 2) == Duration{20ms});
        CHECK(fixed_priority_schedulable(tasks));
        CHECK_FALSE(fixed_priority_response_time(tasks, 2, Duration{20ms} - Duration{1}));
    }
    SECTION("Lehoczky 1990: the fifth job of the busy period is the slowest, not the first, which takes 114") {
        const std::vector<PeriodicTask> tasks{implicit_deadline_task(26ms, 70ms),
                                              {.execution = 62ms, .period = 100ms, .deadline = 118ms}};
        CHECK(fixed_priority_response_time(tasks, 1) == Duration{118ms});
        CHECK(fixed_priority_schedulable(tasks));
    }
}

TEST_CASE("a set that needs its core fully meets its deadlines only with harmonic periods", "[schedulability]") {
    const std::vector<PeriodicTask> harmonic{implicit_deadline_task(1s, 2s), implicit_deadline_task(1s, 4s),
                                             implicit_deadline_task(2s, 8s)};
    CHECK(compare_utilisation(harmonic, 1) == std::strong_ordering::equal);
    CHECK(fixed_priority_response_time(harmonic, 2) == Duration{8s});
    CHECK(fixed_priority_schedulable(harmonic));

    // 1/3 + 2/3 in doubles may be anything near 1; three thirds of a second are not whole picoseconds.
    const std::vector<PeriodicTask> thirds{implicit_deadline_task(1s, 3s), implicit_deadline_task(4s, 6s)};
    CHECK(compare_utilisation(thirds, 1) == std::strong_ordering::equal);
    // From 0: 1 s, then 2 s until 3 s, 1 s, the last 2 s until 6 s.
    CHECK(fixed_priority_response_time(thirds, 1) == Duration{6s});
}

TEST_CASE("a task that the core cannot serve has no response time", "[schedulability]") {
    const std::vector<PeriodicTask> tasks{implicit_deadline_task(1s, 2s), implicit_deadline_task(1s + Duration{1}, 2s)};
    CHECK(fixed_priority_response_time(tasks, 0) == Duration{1s});
    CHECK_FALSE(fixed_priority_response_time(tasks, 1));
    CHECK_FALSE(fixed_priority_schedulable(tasks));
    CHECK(fixed_priority_schedulable({}));
}

TEST_CASE("jitter and blocking lengthen responses", "[schedulability]") {
    std::vector<PeriodicTask> tasks{implicit_deadline_task(1ms, 4ms), implicit_deadline_task(3ms, 20ms)};
    CHECK(fixed_priority_response_time(tasks, 1) == Duration{4ms});
    // Two jobs of the first come within 4 ms where the first of them is 1 ms late.
    tasks[0].jitter = 1ms;
    CHECK(fixed_priority_response_time(tasks, 0) == Duration{2ms});
    CHECK(fixed_priority_response_time(tasks, 1) == Duration{5ms});
    tasks[0].blocking = 3ms;
    CHECK(fixed_priority_response_time(tasks, 0) == Duration{5ms});
    CHECK(fixed_priority_response_time(tasks, 1) == Duration{5ms}); // those above block no one
    CHECK_FALSE(fixed_priority_schedulable(tasks));
}

TEST_CASE("every job pays for two switches", "[schedulability]") {
    const std::vector<PeriodicTask> tasks{implicit_deadline_task(3ms, 7ms), implicit_deadline_task(3ms, 12ms)};
    const std::vector<PeriodicTask> inflated = with_switches(tasks, 50us);
    CHECK(inflated[0].execution == 3'100us);
    CHECK(inflated[1].period == 12ms);
    CHECK(fixed_priority_response_time(inflated, 1) == Duration{6'200us});
    // At 0.5 ms a switch, a second job of the first interferes: 4 + 4 > 7, and 4 + 2 x 4 = 12.
    CHECK(fixed_priority_response_time(with_switches(tasks, 500us), 1) == Duration{12ms});
    CHECK_THROWS_AS(with_switches(tasks, -1us), InputError);
    CHECK_THROWS_AS(with_switches(tasks, Duration::max()), TimeOverflow);
}

// All jobs from the critical instant of `analysed` on: everybody arrives as late as its jitter allows, together with
// one piece of work of lower priority that keeps the core.
static std::vector<PlayedJob> from_critical_instant(const std::vector<PeriodicTask>& tasks, std::size_t analysed,
                                                    std::int64_t horizon) {
    std::vector<PlayedJob> jobs;
    for (std::size_t task = 0; task <= analysed; ++task) {
        const std::int64_t period = tasks[task].period.count();
        for (std::int64_t arrival = -tasks[task].jitter.count(); arrival < horizon; arrival += period)
            jobs.push_back({.task = task,
                            .arrival = arrival,
                            .release = std::max<std::int64_t>(0, arrival),
                            .rank = static_cast<std::int64_t>(task),
                            .work = tasks[task].execution.count()});
    }
    const std::int64_t blocking = tasks[analysed].blocking.count();
    if (blocking > 0) jobs.push_back({.task = analysed + 1, .arrival = 0, .release = 0, .rank = -1, .work = blocking});
    return jobs;
}

TEST_CASE("response times are those of fixed-priority scheduling played out", "[schedulability]") {
    DrawStream random({.seed = 12});
    int beyond_period = 0;
    int without = 0;
    int fully_used = 0;
    for (int round = 0; round < 4'000; ++round) {
        std::vector<PeriodicTask> tasks =
            random_tasks(random, {.jitter = round % 2 == 0 ? std::uint64_t{0} : std::uint64_t{7}});
        for (PeriodicTask& task : tasks)
            if (round % 3 == 0) task.blocking = Duration{static_cast<std::int64_t>(uniform_below(random, 6))};
        for (std::size_t task = 0; task < tasks.size(); ++task) {
            const std::span<const PeriodicTask> up_to_it = std::span{tasks}.first(task + 1);
            const std::optional<Duration> response = fixed_priority_response_time(tasks, task);
            const std::strong_ordering needed = compare_utilisation(up_to_it, 1);
            INFO("round " << round << ", task " << task);
            REQUIRE(response.has_value() == (needed != std::strong_ordering::greater));
            if (!response) {
                ++without;
                continue;
            }
            // All that comes within two hyperperiods, and time enough for it to end.
            std::vector<PlayedJob> jobs = from_critical_instant(tasks, task, 4 * played_hyperperiod);
            play(jobs, 1, 4 * played_hyperperiod);
            REQUIRE(*response == longest_response(jobs, task, 2 * played_hyperperiod));
            if (*response > tasks[task].period) ++beyond_period;
            if (needed == std::strong_ordering::equal) ++fully_used;
        }
    }
    CHECK(beyond_period > 300);
    CHECK(without > 300);
    CHECK(fully_used > 50);
}

TEST_CASE("priority analysis refuses what has no meaning", "[schedulability]") {
    const std::vector<PeriodicTask> good{implicit_deadline_task(1s, 2s)};
    CHECK_THROWS_AS(fixed_priority_response_time(good, 1), InputError);
    const auto refused = [&](auto change, const char* part) {
        std::vector<PeriodicTask> tasks{good[0], good[0]};
        change(tasks[1]);
        CHECK_THROWS_MATCHES(fixed_priority_schedulable(tasks), InputError, says("periodic task 2: its") && says(part));
    };
    refused([](PeriodicTask& task) { task.execution = 0s; }, "execution is 0 s");
    refused([](PeriodicTask& task) { task.period = -1s; }, "period");
    refused([](PeriodicTask& task) { task.deadline = 0s; }, "deadline");
    refused([](PeriodicTask& task) { task.jitter = -1s; }, "jitter");
    refused([](PeriodicTask& task) { task.blocking = -1s; }, "blocking");

    const std::vector<PeriodicTask> constrained{{.execution = 1s, .period = 4s, .deadline = 3s}};
    CHECK_THROWS_MATCHES(within_liu_layland_bound(constrained), InputError, says("deadline equal to the period"));
    CHECK_THROWS_AS(within_hyperbolic_bound(constrained), InputError);
}

TEST_CASE("times near the end of virtual time do not wrap round", "[schedulability]") {
    const std::vector<PeriodicTask> tasks{implicit_deadline_task(Duration::max() / 2, Duration::max()),
                                          implicit_deadline_task(Duration::max() / 4, Duration::max() - Duration{1})};
    CHECK(fixed_priority_response_time(tasks, 1) == Duration::max() / 2 + Duration::max() / 4);
    const std::vector<PeriodicTask> late{implicit_deadline_task(Duration::max() - 1s, Duration::max()),
                                         implicit_deadline_task(Duration{1}, Duration::max())};
    std::vector<PeriodicTask> blocked = late;
    blocked[1].blocking = Duration::max();
    CHECK(fixed_priority_response_time(late, 1) == Duration::max() - 1s + Duration{1});
    CHECK_THROWS_AS(fixed_priority_response_time(blocked, 1), TimeOverflow);
}
