// What computing over a working set costs when somebody has displaced it, and when nobody has.
#include "models/errors.hpp"
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"
#include "tests/models/says.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace switchyard::size_literals;
using namespace std::chrono_literals;

namespace {

// Each KiB costs 1 us from the shared cache, 2 us out of another core's, 10 us from memory. A core's own caches hold
// 64 KiB, the shared one 256 KiB.
CostProfile machine() {
    CostProfile profile = free_profile();
    const auto of_a_kibibyte = [](double picoseconds) {
        return Law::affine(0, {{Quantity::bytes, picoseconds / 1024}});
    };
    profile[Cost::cache_refill] = of_a_kibibyte(1e6);
    profile[Cost::cache_refill_core] = of_a_kibibyte(2e6);
    profile[Cost::cache_refill_memory] = of_a_kibibyte(10e6);
    profile[Cost::cache_private] = Law::constant_of(64 * 1024);
    profile[Cost::cache_shared] = Law::constant_of(256 * 1024);
    return profile;
}

Report run(const ScenarioBuilder& scenario, const CostProfile& profile = machine()) {
    Report report = sim::simulate(scenario.build(), profile);
    REQUIRE(report.outcome == Outcome::completed);
    Duration sum{};
    for (const Duration part : *report.time) sum += part;
    CHECK(sum == report.makespan * static_cast<std::int64_t>(report.cores));
    return report;
}

Duration refill(const Report& report) { return (*report.time)[static_cast<std::size_t>(TimeCategory::refill)]; }

ProgramBuilder::Body turns(Bytes size, int times) {
    return [=](ProgramBuilder& task) { task.repeat(times, [=](auto& body) { body.compute_over(size, 1ms).yield(); }); };
}

ScenarioBuilder one_core() { return std::move(ScenarioBuilder("one core").scheduler("rr", {{"slice", "1h"}}).hz(0)); }

} // namespace

TEST_CASE("a working set is brought in once and stays while nobody else has one") {
    const Report report =
        run(one_core().task("A", TaskKind::thread, turns(32_KiB, 5)).task("B", TaskKind::thread, [](auto& task) {
            task.repeat(5, [](auto& body) { body.compute(1ms).yield(); });
        }));
    CHECK(refill(report) == 32us);
    CHECK(report.counters.refills == 1);
    CHECK(report.counters.bytes_refilled == 32 * 1024);
    CHECK(report.makespan == 10ms + 32us);
    CHECK(report.tasks[0].cpu.sum == 5ms + 32us); // its own time
}

TEST_CASE("two working sets that fit together leave each other alone") {
    const Report report =
        run(one_core().task("A", TaskKind::thread, turns(32_KiB, 5)).task("B", TaskKind::thread, turns(32_KiB, 5)));
    CHECK(refill(report) == 2 * 32us);
}

TEST_CASE("of two that do not, each takes from the other what it has no room for, and finds nothing of itself") {
    const Report report =
        run(one_core().task("A", TaskKind::thread, turns(48_KiB, 5)).task("B", TaskKind::thread, turns(48_KiB, 5)));
    // Each finds 16 KiB of its own at first, which bringing in the other 32 pushes out before they are reached.
    CHECK(report.counters.refills == 10);
    CHECK(refill(report) == 10 * 48us);
}

TEST_CASE("one that is larger than the caches costs others theirs, and itself nothing") {
    const Report report =
        run(one_core().task("A", TaskKind::thread, turns(32_KiB, 5)).task("B", TaskKind::thread, turns(128_KiB, 5)));
    CHECK(refill(report) == 5 * 32us);
    CHECK(report.tasks[1].cpu.sum == 5ms);
}

TEST_CASE("what the shared cache has lost comes from memory") {
    const Report report =
        run(one_core().task("A", TaskKind::thread, turns(32_KiB, 5)).task("B", TaskKind::thread, turns(512_KiB, 5)));
    CHECK(refill(report) == 32us + 4 * 320us); // at first it is in the shared one: it has just been written
}

TEST_CASE("on another core of the same last-level cache a working set comes out of the first one's caches") {
    const auto moves = [](ProgramBuilder& task) {
        task.compute_over(32_KiB, 1ms).sleep(1ms).compute_over(32_KiB, 1ms);
    };
    const auto scenario = [&](const RegularTopology& shape) {
        return std::move(ScenarioBuilder("moving")
                             .topology(describe(shape))
                             .hz(0)
                             .scheduler("rr", {{"slice", "1h"}})
                             // Takes core 0 while A sleeps.
                             .task("A", TaskKind::thread, moves)
                             .task(
                                 "B", TaskKind::thread, [](auto& task) { task.compute(10ms); },
                                 [](TaskTemplate& task) {
                                     task.cores = {0};
                                     task.start = Distribution::constant(Duration{1500us}.count());
                                 }));
    };
    const Report near = run(scenario({.cores_per_cache = 2}));
    REQUIRE(near.counters.migrations == 1);
    CHECK(refill(near) == 32us + 2 * 32us);
    const Report far = run(scenario({.caches_per_node = 2}));
    REQUIRE(far.counters.migrations == 1);
    CHECK(refill(far) == 32us + 10 * 32us);
    const Report sibling = run(scenario({.threads_per_core = 2}));
    REQUIRE(sibling.counters.migrations == 1);
    CHECK(refill(sibling) == 32us);
}

TEST_CASE("threads of a process that go over one region find what the other has brought in") {
    const auto both = [](TaskKind kind) {
        const auto over = [](ProgramBuilder& task) {
            task.repeat(5, [](auto& body) { body.compute_over("region", 1ms).yield(); });
        };
        const auto map = [=](ProgramBuilder& task) {
            Mapping mapping;
            mapping.size = 48_KiB;
            mapping.populate = true;
            task.map("region", mapping);
            over(task);
        };
        ScenarioBuilder scenario = one_core();
        scenario.task("A", kind, map);
        if (kind == TaskKind::process)
            scenario.task("B", kind, map);
        else
            scenario.task("B", kind, over);
        return scenario;
    };
    CHECK(refill(run(both(TaskKind::thread))) == 48us);
    CHECK(refill(run(both(TaskKind::process))) == 10 * 48us);
}

TEST_CASE("a region that is mapped anew is another one") {
    const auto anew = [](ProgramBuilder& task) {
        Mapping mapping;
        mapping.size = 16_KiB;
        mapping.populate = true;
        task.repeat(3, [=](auto& body) { body.map("region", mapping).compute_over("region", 1ms).unmap("region"); });
    };
    CHECK(refill(run(one_core().task("A", TaskKind::process, anew))) == 3 * 16us);
}

TEST_CASE("who is preempted while it refills goes on with what is left") {
    // 48 KiB take 48 us, in steps of 20; the slice ends within, nobody else has a working set.
    ScenarioBuilder scenario("preempted");
    scenario.scheduler("rr", {{"slice", "30us"}}).hz(0);
    scenario.task("A", TaskKind::thread, [](auto& task) { task.compute_over(48_KiB, 100us); });
    scenario.task("B", TaskKind::thread, [](auto& task) { task.compute(100us); });
    const Report report = run(scenario);
    CHECK(refill(report) == 48us);
    CHECK(report.makespan == 248us);
    CHECK(report.counters.refills == 1);
}

TEST_CASE("coroutines of a thread have working sets of their own") {
    const auto over = [](ProgramBuilder& task) {
        task.repeat(3, [](auto& body) { body.compute_over(48_KiB, 1ms).yield(); });
    };
    const Report report =
        run(one_core().task("A", TaskKind::coroutine, over, [](TaskTemplate& task) { task.count = 2; }));
    CHECK(refill(report) == 6 * 48us);
}

TEST_CASE("what a task that has ended went over makes room") {
    ScenarioBuilder scenario = one_core();
    scenario.task("A", TaskKind::thread, turns(32_KiB, 3)).task("B", TaskKind::thread, [](auto& task) {
        task.repeat(3, [](auto& body) {
            body.spawn("c", TaskKind::thread, [](auto& child) { child.compute_over(32_KiB, 1ms); }).join("c");
        });
    });
    CHECK(refill(run(scenario)) == 4 * 32us);
}

TEST_CASE("the scenario's caches go before the profile's, and without a refill's cost nothing is refilled") {
    const auto two = [](CacheSizes caches) {
        return std::move(one_core()
                             .caches(caches)
                             .task("A", TaskKind::thread, turns(48_KiB, 2))
                             .task("B", TaskKind::thread, turns(48_KiB, 2)));
    };
    CHECK(refill(run(two({128_KiB, 1_MiB}))) == 2 * 48us);
    const Report free = run(two({}), free_profile());
    CHECK(refill(free) == 0s);
    CHECK(free.notes.empty());
    CHECK(run(two({}), textbook_profile()).notes.empty());
    CostProfile old = machine();
    old[Cost::cache_private] = std::nullopt;
    const Report unknown = run(two({}), old);
    CHECK(refill(unknown) == 0s);
    REQUIRE(unknown.notes.size() == 1);
    CHECK(unknown.notes.front().find("cache.private") != std::string::npos);
}

TEST_CASE("a region whose pages are not there is refused, one that is not mapped is a crash") {
    const auto absent = [](auto& task) { task.map("region", 64_KiB).compute_over("region", 1ms); };
    for (const CostProfile& profile : {machine(), free_profile()}) {
        CHECK_THROWS_MATCHES(
            sim::simulate(ScenarioBuilder("absent").task("A", TaskKind::process, absent).build(), profile), InputError,
            says("has pages that are not there"));
        const auto gone = [](auto& task) {
            task.map("region", 64_KiB).unmap("region").compute_over("region", 1ms).compute(1s);
        };
        const Report report =
            sim::simulate(ScenarioBuilder("gone").task("A", TaskKind::process, gone).build(), profile);
        CHECK(report.counters.crashes == 1);
        CHECK(report.makespan == 0s);
        CHECK(report.tasks[0].finished == 0);
    }
}

TEST_CASE("working sets displace each other alike in every run") {
    ScenarioBuilder scenario("many");
    scenario.topology(describe({.caches_per_node = 2, .cores_per_cache = 2}))
        .scheduler("rr", {{"slice", "50us"}})
        .hz(1000);
    for (const char* const name : {"A", "B", "C", "D", "E", "F"})
        scenario.task(name, TaskKind::thread, [&](ProgramBuilder& task) {
            task.repeat(20, [&](auto& body) {
                body.compute_over(Bytes{(name[0] - 'A' + 1) * 12 * 1024}, 100us).sleep(30us).yield();
            });
        });
    const Report once = run(scenario);
    const Report again = run(scenario);
    CHECK(once == again);
    CHECK(once.counters.refills > 20);
}
