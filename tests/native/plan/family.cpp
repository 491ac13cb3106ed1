#include "native/plan/family.hpp"

#include "models/errors.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <limits>

using namespace switchyard;
using namespace switchyard::native;
using namespace std::chrono_literals;

// An iteration of a picosecond: amounts of work stay what was drawn.
static const RunnerUnits picoseconds = runner_units(1);

static Scenario one_process(const ProgramBuilder::Body& program) {
    return ScenarioBuilder("one process").seed(11).task("A", TaskKind::process, program).build();
}

static Family counted(const ProgramBuilder::Body& program) {
    Family family;
    count_family(family, one_process(program), {0, 0});
    return family;
}

static std::vector<std::int64_t> drawn(const ProgramBuilder::Body& program) {
    Family family;
    std::vector<std::int64_t> values;
    const Scenario scenario = one_process(program);
    DrawnReferences references(scenario);
    draw_family(family, values, scenario, {0, 0}, picoseconds, references);
    CHECK(values.size() == family.amounts);
    return values;
}

static std::int64_t draw(const Distribution& amount, std::uint32_t instance, std::uint32_t operation,
                         std::uint64_t nth) {
    return sample(amount, {11, 0, instance, operation, nth});
}

TEST_CASE("operations in repeats are executed as often as all rounds together") {
    // repeat compute repeat yield repeat_end repeat_end end: 1 + 3 + 3 + 12 + 12 + 3 + 1
    const Family family = counted([](auto& program) {
        program.repeat(3, [](auto& outer) { outer.compute(1us).repeat(4, [](auto& inner) { inner.yield(); }); });
    });
    CHECK(family.executions == 35);
    CHECK(family.children == 0);
    CHECK(family.amounts == 0);
}

TEST_CASE("a repeat of zero rounds executes nothing") {
    CHECK(counted([](auto& program) { program.repeat(0, [](auto& body) { body.yield(); }); }).executions == 2);
}

TEST_CASE("a task that exits in a repeat does not go round again") {
    // repeat yield exit
    CHECK(counted([](auto& program) { program.repeat(9, [](auto& body) { body.yield().exit(); }); }).executions == 3);
}

TEST_CASE("rounds without draws and children are counted at once, however many") {
    const Family family = counted([](auto& program) {
        program.repeat(1'000'000, [](auto& outer) { outer.repeat(100'000, [](auto& inner) { inner.yield(); }); });
    });
    CHECK(family.executions == 2 + 1'000'000 * (2 + 2 * std::uint64_t{100'000}));
    CHECK_THROWS_AS(counted([](auto& program) {
                        program.repeat(std::numeric_limits<std::int64_t>::max(), [](auto& body) { body.yield(); });
                    }),
                    InputError);
}

TEST_CASE("the children of a fork count for their parent") {
    // repeat fork compute exit wait repeat_end end
    const Family family = counted([](auto& program) {
        program.repeat(5, [](auto& body) { body.fork("c", [](auto& child) { child.compute(1us); }).wait("c"); });
    });
    CHECK(family.children == 5);
    CHECK(family.executions == 1 + 5 * 5 + 1);
}

TEST_CASE("children that continue double the tasks at every fork") {
    // repeat fork yield repeat_end end
    const Family family = counted([](auto& program) {
        program.repeat(3, [](auto& body) { body.fork("c", {}, Afterwards::continues).yield(); });
    });
    CHECK(family.children == 1 + 2 + 4);
    CHECK(family.executions == 1 + (1 + 2 + 4) + (2 + 4 + 8) + (2 + 4 + 8) + 8);
}

TEST_CASE("work is timed in pieces, of the draws too") {
    const Distribution work = Distribution::empirical({250'000'000}); // 100 us, 100 us and 50 us
    Family family;
    std::vector<std::int64_t> values;
    const Scenario scenario = one_process([&](auto& task) {
        task.repeat(10, [&](auto& body) {
            body.compute(100us).compute(3us).fork("c", [&](auto& child) { child.compute(work); }).wait("c");
        });
    });
    DrawnReferences references(scenario);
    draw_family(family, values, scenario, {0, 0}, picoseconds, references);
    CHECK(family.pieces == 10 * (1 + 3));
}

TEST_CASE("a task's amounts lie in the order in which it comes to them") {
    const Distribution work = Distribution::exponential(50e6);
    const Distribution rounds = Distribution::uniform(0, 3);
    // repeat repeat compute repeat_end compute repeat_end end
    const std::vector<std::int64_t> values = drawn([&](auto& task) {
        task.repeat(
            4, [&](auto& outer) { outer.repeat(rounds, [&](auto& inner) { inner.compute(work); }).compute(work); });
    });
    std::vector<std::int64_t> expected;
    std::uint64_t inner = 0;
    for (std::uint64_t round = 0; round < 4; ++round) {
        expected.push_back(draw(rounds, 0, 1, round));
        for (std::int64_t left = expected.back(); left > 0; --left) expected.push_back(draw(work, 0, 2, inner++));
        expected.push_back(draw(work, 0, 4, round));
    }
    CHECK(values == expected);
}

TEST_CASE("a child draws under its own number and is found through the amount of what created it") {
    const Distribution work = Distribution::exponential(50e6);
    // repeat spawn repeat compute repeat_end end repeat_end end
    const std::vector<std::int64_t> values = drawn([&](auto& task) {
        task.repeat(3, [&](auto& body) {
            body.spawn("c", TaskKind::thread,
                       [&](auto& child) { child.repeat(2, [&](auto& again) { again.compute(work); }); });
        });
    });
    REQUIRE(values.size() == 3 + 3 * 2);
    for (std::uint64_t nth = 0; nth < 3; ++nth) {
        const auto first = static_cast<std::size_t>(values[nth]);
        const std::uint32_t child = child_instance(0, 1, nth);
        REQUIRE(first + 1 < values.size());
        CHECK(values[first] == draw(work, child, 3, 0));
        CHECK(values[first + 1] == draw(work, child, 3, 1));
    }
}

TEST_CASE("a forked child that continues goes its parent's remaining rounds with draws of its own") {
    const Distribution rounds = Distribution::empirical({2});
    const Distribution work = Distribution::exponential(50e6);
    // repeat fork compute repeat_end end
    const std::vector<std::int64_t> values = drawn([&](auto& task) {
        task.repeat(rounds, [&](auto& body) { body.fork("c", {}, Afterwards::continues).compute(work); });
    });
    const std::uint32_t first = child_instance(0, 1, 0), second = child_instance(0, 1, 1);
    const std::uint32_t grandchild = child_instance(first, 1, 0); // its parent's first fork, in the second round
    const std::vector<std::int64_t> expected{2,
                                             5,
                                             draw(work, 0, 2, 0),
                                             8,
                                             draw(work, 0, 2, 1),
                                             draw(work, first, 2, 0),
                                             9,
                                             draw(work, first, 2, 1),
                                             draw(work, second, 2, 0),
                                             draw(work, grandchild, 2, 0)};
    CHECK(values == expected);
}

TEST_CASE("references are drawn for every execution of a touch, under its own key") {
    Touch touch;
    touch.pattern = AccessPattern::uniform;
    touch.count = 5;
    const Scenario scenario = one_process([&](auto& task) {
        task.map("memory", Bytes{1 << 20}).repeat(3, [&](auto& body) { body.touch("memory", touch); });
    });
    Family family;
    std::vector<std::int64_t> values;
    DrawnReferences references(scenario);
    draw_family(family, values, scenario, {0, 0}, picoseconds, references);
    CHECK(values == std::vector<std::int64_t>{0, 5, 10}); // where each execution's pages begin
    CHECK(family.references == 15);
    std::vector<std::uint32_t> expected;
    for (std::uint64_t draw = 0; draw < 3; ++draw) // map repeat touch: operation 2
        for (ReferenceString string(touch, Bytes{1 << 20}, {11, 0, 0, 2, draw}); string.more();)
            expected.push_back(static_cast<std::uint32_t>(string.next()));
    CHECK(references.pages == expected);
}
