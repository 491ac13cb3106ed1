#include "models/analytic/makespan.hpp"

#include "models/errors.hpp"
#include "models/random/draw.hpp"
#include "models/random/uniform.hpp"

#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <deque>
#include <vector>

using namespace std::chrono_literals;
using namespace switchyard;

// Round robin as one would play it with matches.
static Schedule played_round_robin(const std::vector<Duration>& works, Duration slice, Duration switch_cost) {
    Schedule schedule;
    schedule.turnarounds.resize(works.size());
    std::vector<Duration> left = works;
    std::deque<std::size_t> queue;
    for (std::size_t task = 0; task < works.size(); ++task) queue.push_back(task);
    std::size_t previous = works.size();
    while (!queue.empty()) {
        const std::size_t task = queue.front();
        queue.pop_front();
        if (previous != works.size() && previous != task) {
            schedule.makespan += switch_cost;
            ++schedule.switches;
        }
        previous = task;
        const Duration run = std::min(left[task], slice);
        schedule.makespan += run;
        left[task] -= run;
        if (left[task] > Duration::zero())
            queue.push_back(task);
        else
            schedule.turnarounds[task] = schedule.makespan;
    }
    return schedule;
}

TEST_CASE("two tasks of 10 s on one core and on two: the four classic figures") {
    const std::vector<Duration> works{10s, 10s};
    const Duration switch_cost = 100ms;

    SECTION("time slices of 1 s: 20 s of work and 19 switches") {
        const Schedule schedule = round_robin(works, 1s, switch_cost);
        CHECK(schedule.makespan == 21'900ms);
        CHECK(schedule.switches == 19);
    }
    SECTION("coroutines, the first handing over when it ends: one switch") {
        const Schedule schedule = run_to_completion(works, switch_cost);
        CHECK(schedule.makespan == 20'100ms);
        CHECK(schedule.switches == 1);
    }
    SECTION("threads on two cores: no switch") {
        const Schedule schedule = one_core_each(works, 2);
        CHECK(schedule.makespan == 10s);
        CHECK(schedule.switches == 0);
    }
    SECTION("coroutines of one thread do not know of the second core") {
        CHECK(run_to_completion(works, switch_cost).makespan == 20'100ms);
    }
}

TEST_CASE("round robin in closed form is round robin played out") {
    DrawStream random({.seed = 7});
    for (int round = 0; round < 3'000; ++round) {
        const auto tasks = uniform_below(random, 7);
        const Duration slice{1 + static_cast<std::int64_t>(uniform_below(random, 9))};
        const Duration switch_cost{static_cast<std::int64_t>(uniform_below(random, 4))};
        std::vector<Duration> works;
        for (std::uint64_t task = 0; task < tasks; ++task)
            works.emplace_back(static_cast<std::int64_t>(uniform_below(random, 40)));

        const Schedule closed = round_robin(works, slice, switch_cost);
        const Schedule played = played_round_robin(works, slice, switch_cost);
        INFO("round " << round);
        REQUIRE(closed.makespan == played.makespan);
        REQUIRE(closed.switches == played.switches);
        REQUIRE(closed.turnarounds == played.turnarounds);
    }
}

TEST_CASE("a task that is alone at the end goes on without a switch") {
    // A B A A A: the switch to B and the switch back.
    CHECK(round_robin(std::vector<Duration>{4s, 1s}, 1s, 1ms).switches == 2);
    // A B B B B: B is already there when A has ended.
    CHECK(round_robin(std::vector<Duration>{1s, 4s}, 1s, 1ms).switches == 1);
    CHECK(round_robin(std::vector<Duration>{4s}, 1s, 1ms).switches == 0);
}

TEST_CASE("with a slice longer than every task round robin is first in, first out") {
    const std::vector<Duration> works{3s, 1s, 2s};
    const Schedule sliced = round_robin(works, 1h, 5ms);
    const Schedule in_order = run_to_completion(works, 5ms);
    CHECK(sliced.makespan == in_order.makespan);
    CHECK(sliced.switches == in_order.switches);
    CHECK(sliced.turnarounds == in_order.turnarounds);
}

TEST_CASE("the mean turnaround is shortest where the shortest task goes first") {
    CHECK(run_to_completion(std::vector<Duration>{1s, 2s, 6s}, 0s).mean_turnaround() == Duration{13s} / 3);
    CHECK(run_to_completion(std::vector<Duration>{6s, 2s, 1s}, 0s).mean_turnaround() == Duration{23s} / 3);
    CHECK(run_to_completion({}, 0s).mean_turnaround() == 0s);
}

TEST_CASE("schedules refuse what has no meaning") {
    const std::vector<Duration> works{1s, 1s};
    CHECK_THROWS_AS(round_robin(works, 0s, 1s), InputError);
    CHECK_THROWS_AS(round_robin(works, 1s, -1s), InputError);
    CHECK_THROWS_AS(run_to_completion(std::vector<Duration>{-1s}, 0s), InputError);
    CHECK_THROWS_AS(one_core_each(works, 1), InputError);
}

TEST_CASE("schedules longer than virtual time are errors, not wrong") {
    const std::vector<Duration> works{Duration::max(), Duration{1}};
    CHECK_THROWS_AS(round_robin(works, 1h, 0s), TimeOverflow);
    CHECK_THROWS_AS(run_to_completion(works, 0s), TimeOverflow);
    CHECK_THROWS_AS(round_robin(std::vector<Duration>{1h, 1h}, Duration{1}, 1h), TimeOverflow);
    CHECK(round_robin(std::vector<Duration>{Duration::max()}, Duration{1}, 1h).makespan == Duration::max());
}
