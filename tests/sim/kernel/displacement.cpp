// What a switch costs more for the others that have run since.
#include "models/machine/profile.hpp"
#include "sim/kernel/run_order.hpp"
#include "sim/simulate.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <random>

using namespace switchyard;
using namespace std::chrono_literals;

namespace {

// 1 us for each other thread beyond the first, 10 us for each other address space, 1 ns for each other coroutine; of up
// to 200, or so many.
CostProfile machine(std::int64_t most = 200) {
    const auto rising = [=](double each) {
        const std::array<std::pair<std::int64_t, double>, 2> points{
            {{1, 0.0}, {most + 1, static_cast<double>(most) * each}}};
        return Law::table(Quantity::others_since, points);
    };
    CostProfile profile = free_profile();
    profile[Cost::switch_displaced] = rising(1e6);
    profile[Cost::switch_address_space_displaced] = rising(10e6);
    profile[Cost::switch_coroutine_displaced] = rising(1e3);
    return profile;
}

constexpr int turns = 11;

Report ring(TaskKind kind, std::uint32_t tasks, const CostProfile& profile = machine()) {
    return sim::simulate(ScenarioBuilder("ring")
                             .cores(1)
                             .hz(0)
                             .scheduler("rr", {{"slice", "1h"}})
                             .task(
                                 "A", kind,
                                 [](auto& task) { task.repeat(turns - 1, [](auto& body) { body.yield(); }); },
                                 [=](TaskTemplate& task) { task.count = tasks; })
                             .build(),
                         profile);
}

// How many others beyond the first a ring pays for altogether: nothing in the first turn, and in the last one fewer and
// fewer, since those that have had theirs have ended.
std::int64_t others_in_a_ring(std::int64_t tasks, std::int64_t most) {
    std::int64_t sum = (turns - 2) * tasks * std::min(tasks - 2, most);
    for (std::int64_t left = 0; left <= tasks - 2; ++left) sum += std::min(left, most);
    return sum;
}

Duration switching(const Report& report) { return (*report.time)[static_cast<std::size_t>(TimeCategory::switching)]; }

} // namespace

TEST_CASE("two threads, processes or coroutines displace nothing that a switch does not have anyway") {
    for (const TaskKind kind : {TaskKind::thread, TaskKind::process, TaskKind::coroutine})
        CHECK(ring(kind, 2).makespan == 0s);
}

TEST_CASE("in a ring everybody comes back after all others, and pays for them") {
    for (const std::uint32_t tasks : {3u, 10u, 100u, 201u}) {
        const std::int64_t others = others_in_a_ring(tasks, tasks);
        const Report threads = ring(TaskKind::thread, tasks);
        CHECK(threads.makespan == 1us * others);
        CHECK(switching(threads) == threads.makespan);
        CHECK(ring(TaskKind::process, tasks).makespan == 11us * others);
        CHECK(ring(TaskKind::coroutine, tasks).makespan == 1ns * others);
    }
}

TEST_CASE("more others than the law knows cost what the most it knows do") {
    CHECK(ring(TaskKind::thread, 1001).makespan == 1us * others_in_a_ring(1001, 200));
}

TEST_CASE("a law over very many others is kept to, too, where they become fewer and fewer") {
    CHECK(ring(TaskKind::coroutine, 5000, machine(5999)).makespan == 1ns * others_in_a_ring(5000, 5999));
}

TEST_CASE("who has slept pays for those that ran meanwhile, once each, and they pay nothing for each other") {
    const auto yielding = [](auto& task) { task.repeat(1000, [](auto& body) { body.compute(1us).yield(); }); };
    const Report report = sim::simulate(
        ScenarioBuilder("sleeper")
            .cores(1)
            .hz(0)
            .scheduler("rr", {{"slice", "1h"}})
            .task("A", TaskKind::thread, yielding, [](TaskTemplate& task) { task.count = 2; })
            .task("sleeper", TaskKind::thread, [](auto& task) { task.sleep(500us).compute(1us).sleep(500us); })
            .build(),
        machine());
    // The sleeper twice for the two others; each of these for the other and the sleeper, or only for the other one,
    // depending on who was next.
    CHECK(switching(report) >= 2us);
    CHECK(switching(report) <= 6us);
}

TEST_CASE("who has ended displaces nobody") {
    const Report report = sim::simulate(ScenarioBuilder("children")
                                            .cores(1)
                                            .hz(0)
                                            .scheduler("rr", {{"slice", "1h"}})
                                            .task("A", TaskKind::thread,
                                                  [](auto& task) {
                                                      for (int i = 0; i < 10; ++i)
                                                          task.spawn("c", TaskKind::thread, [](auto&) {});
                                                      task.sleep(1ms).compute(1us);
                                                  })
                                            .build(),
                                        machine());
    CHECK(report.counters.threads_created == 10);
    CHECK(switching(report) == 0s);
}

TEST_CASE("the order of runs knows how many others ran since, whoever moves or ends") {
    // Beside it: for each lane who ran, the latest first.
    std::mt19937 generator(1);
    const auto random = [&](std::uint32_t below) { return static_cast<std::uint32_t>(generator() % below); };
    sim::RunOrder order;
    std::array<std::vector<std::uint32_t>, 3> model;
    const auto remove = [&](std::uint32_t id) {
        for (auto& lane : model) std::erase(lane, id);
    };
    for (int step = 0; step < 100'000; ++step) {
        // Few of many at first, all in turn later, so that lines become full in both ways.
        const std::uint32_t id = step % 3 == 0 ? random(300) : static_cast<std::uint32_t>(step) % 90;
        if (random(50) == 0) {
            order.forget(id);
            remove(id);
            continue;
        }
        const std::uint32_t lane = random(20) == 0 ? random(3) : id % 2;
        auto& ran = model[lane];
        const auto found = std::ranges::find(ran, id);
        const auto expected = found == ran.end() ? 0 : found - ran.begin();
        REQUIRE(order.run(lane, id) == static_cast<std::uint32_t>(expected));
        remove(id);
        ran.insert(ran.begin(), id);
    }
}

TEST_CASE("ten thousand that take turns are counted beyond one block of words") {
    sim::RunOrder order;
    constexpr std::uint32_t many = 10'000;
    for (std::uint32_t id = 0; id < many; ++id) CHECK(order.run(0, id) == 0);
    for (std::uint32_t id = 0; id < many; ++id) REQUIRE(order.run(0, id) == many - 1);
    for (std::uint32_t id = many; id-- > 0;) REQUIRE(order.run(0, id) == many - 1 - id);
}
