// What a change of translations costs whom: who makes it, and the cores that may hold the old ones.
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <random>

using namespace switchyard;
using namespace switchyard::size_literals;
using namespace std::chrono_literals;

namespace {

Duration spent(const Report& report, TimeCategory category) {
    return (*report.time)[static_cast<std::size_t>(category)];
}

CostProfile with(std::initializer_list<std::pair<Cost, Duration>> costs) {
    CostProfile profile = free_profile();
    for (const auto& [cost, value] : costs) profile[cost] = Law::constant(value);
    return profile;
}

Touch writing(Bytes length) {
    Touch touch;
    touch.access = Access::write;
    touch.part.length = length;
    return touch;
}

// Page walks of a process that writes 100 pages, protects the first so many of them and reads all again.
std::uint64_t walks_after_protecting(std::int64_t pages) {
    const Scenario scenario = ScenarioBuilder("few pages")
                                  .task("A", TaskKind::process,
                                        [=](ProgramBuilder& task) {
                                            task.map("buffer", base_page * 100).touch("buffer", Access::write);
                                            task.protect("buffer", {true, false, false}, Bytes{}, base_page * pages);
                                            task.touch("buffer", Access::read);
                                        })
                                  .build();
    return sim::simulate(scenario, free_profile()).counters.page_walks;
}

// Two pages of a region, so far apart; then all of it is unmapped.
Duration kernel_time_of_unmapping(std::int64_t stride) {
    Touch touch = writing({});
    touch.pattern = AccessPattern::strided;
    touch.stride = base_page * stride;
    touch.count = 2;
    const Scenario scenario = ScenarioBuilder("range")
                                  .task("A", TaskKind::process,
                                        [=](ProgramBuilder& task) {
                                            task.map("buffer", base_page * 100).touch("buffer", touch).unmap("buffer");
                                        })
                                  .build();
    CostProfile profile = free_profile();
    profile[Cost::tlb_invalidate] = Law::affine(1e6, {{Quantity::pages, 1e5}});
    return spent(sim::simulate(scenario, profile), TimeCategory::kernel);
}

// A protects two pages, so many times, a millisecond after the beginning, while B does something.
Report protecting(int times, const ProgramBuilder::Body& beside, const CostProfile& profile, std::int64_t pages = 2,
                  Trace* trace = nullptr) {
    const Scenario scenario =
        ScenarioBuilder("shootdowns")
            .cores(2)
            .task("A", TaskKind::thread,
                  [=](ProgramBuilder& task) {
                      task.map("buffer", base_page * pages).touch("buffer", Access::write).compute(1ms);
                      for (int i = 0; i < times; ++i) task.protect("buffer", {true, i % 2 == 1, false});
                  })
            .task("B", TaskKind::thread, beside)
            .build();
    sim::SimulationOptions options;
    options.trace = trace;
    return sim::simulate(scenario, profile, options);
}

const ProgramBuilder::Body computing = [](ProgramBuilder& task) { task.compute(10ms); };

} // namespace

TEST_CASE("a change of up to 33 pages takes these pages out of the TLB, of more, everything") {
    CHECK(walks_after_protecting(4) == 100 + 4);
    CHECK(walks_after_protecting(33) == 100 + 33);
    CHECK(walks_after_protecting(34) == 100 + 100);
}

TEST_CASE("what is invalidated page by page is the range from the first page to the last") {
    CHECK(kernel_time_of_unmapping(9) == 1us + 10 * 100ns);
    CHECK(kernel_time_of_unmapping(32) == 1us + 33 * 100ns);
    CHECK(kernel_time_of_unmapping(33) == 0us);
}

TEST_CASE("a shootdown takes time from the thread it interrupts, page by page up to 33") {
    CostProfile profile = free_profile();
    profile[Cost::tlb_shootdown] = Law::constant(3us);
    profile[Cost::tlb_shootdown_interrupted] = Law::affine(2e6, {{Quantity::pages, 1e5}});
    Trace trace;
    const Report report = protecting(4, computing, profile, 2, &trace);
    CHECK(report.counters.tlb_shootdowns == 4);
    CHECK(report.tasks[0].cpu.sum == 1ms + 4 * 3us);
    CHECK(report.tasks[1].turnaround.sum == 10ms + 4 * (2us + 2 * 100ns));
    CHECK(spent(report, TimeCategory::work) == 11ms);
    CHECK(spent(report, TimeCategory::kernel) == 4 * (3us + 2200ns));
    CHECK(protecting(4, computing, profile, 34).tasks[1].turnaround.sum == 10ms + 4 * 2us);
    // The interrupted core's track has them.
    const auto interrupts = std::ranges::count_if(trace.events, [](const TraceEvent& event) {
        return event.kind == EventKind::overhead && event.core == 1 && event.value == Duration{2200ns}.count();
    });
    CHECK(interrupts == 4);
}

TEST_CASE("whatever an interrupted core is at goes on later") {
    const CostProfile profile = with({{Cost::tlb_shootdown_interrupted, 2us}, {Cost::system_call, 3ms}});
    const Report in_kernel = protecting(
        1, [](auto& task) { task.system_call().system_call(); }, profile);
    CHECK(in_kernel.tasks[1].turnaround.sum == 2 * 3ms + 2us); // A maps until 3 ms, protects at 4 ms
    CHECK(spent(in_kernel, TimeCategory::kernel) == 4 * 3ms + 2us);
    const Report with_ticks = [&] {
        CostProfile ticking = profile;
        ticking.hz = 250;
        ticking[Cost::tick] = Law::constant(10us);
        return protecting(50, computing, ticking);
    }();
    Duration sum{};
    for (const Duration part : *with_ticks.time) sum += part;
    CHECK(sum == with_ticks.makespan * 2);
    CHECK(with_ticks.outcome == Outcome::completed);
}

TEST_CASE("a core that idles is told only where page tables are freed, and then once") {
    const ProgramBuilder::Body asleep = [](ProgramBuilder& task) { task.compute(100us).sleep(1s); };
    CHECK(protecting(4, asleep, free_profile()).counters.tlb_shootdowns == 0);
    const Scenario freeing = ScenarioBuilder("tables")
                                 .cores(2)
                                 .task("A", TaskKind::thread,
                                       [](ProgramBuilder& task) {
                                           for (const char* name : {"a", "b"})
                                               task.map(name, 8_MiB).touch(name, Access::write);
                                           task.compute(1ms).unmap("a").unmap("b");
                                       })
                                 .task("B", TaskKind::thread, asleep)
                                 .build();
    const Report report =
        sim::simulate(freeing, with({{Cost::tlb_shootdown, 3us}, {Cost::tlb_shootdown_interrupted, 2us}}));
    CHECK(report.counters.tlb_shootdowns == 1);
    CHECK(spent(report, TimeCategory::kernel) == 3us); // nobody loses anything on an idle core
}

TEST_CASE("a page that is copied on write is another one for the other threads, too") {
    const Scenario scenario =
        ScenarioBuilder("copies")
            .cores(2)
            .task("A", TaskKind::thread,
                  [](ProgramBuilder& task) {
                      task.map("buffer", 80_KiB).touch("buffer", Access::write).compute(1ms);
                      task.fork("child", [](auto& child) { child.sleep(1s); }).touch("buffer", writing(40_KiB));
                  })
            .task("B", TaskKind::thread, computing)
            .build();
    const Report report = sim::simulate(scenario, with({{Cost::tlb_shootdown_interrupted, 2us}}));
    CHECK(report.counters.tlb_shootdowns == 1 + 10); // the fork's, and each page's
    CHECK(report.tasks[1].turnaround.sum == 10ms + 11 * 2us);
}

TEST_CASE("time adds up whoever interrupts whom in the middle of what") {
    const auto seed = GENERATE(range(0, 60));
    INFO("seed " << seed);
    std::mt19937_64 random(static_cast<std::uint64_t>(seed));
    const auto pick = [&](std::int64_t most) {
        return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most)) + 1;
    };
    ScenarioBuilder scenario("random shootdowns");
    scenario.cores(3).scheduler("rr", {{"slice", "30us"}});
    for (int name = 0; name < 5; ++name)
        scenario.task(std::to_string(name), TaskKind::thread, [&](ProgramBuilder& task) {
            const std::string region = "region" + std::to_string(name);
            task.map(region, base_page * 64).touch(region, Access::write);
            for (int i = 0; i < 12; ++i) {
                switch (pick(5)) {
                case 1: task.protect(region, {true, i % 2 == 0, false}, Bytes{}, base_page * pick(64)); break;
                case 2: task.advise(region, Advice::dontneed); break;
                case 3: task.touch(region, Access::read); break;
                case 4: task.sleep(std::chrono::microseconds{pick(50)}); break;
                default: task.compute(std::chrono::microseconds{pick(80)}); break;
                }
            }
            task.unmap(region);
        });
    Trace trace;
    sim::SimulationOptions options;
    options.trace = &trace;
    const Report report = sim::simulate(scenario.build(), reference_profile(), options);
    REQUIRE(report.outcome == Outcome::completed);
    CHECK(report.counters.tlb_shootdowns > 0);
    Duration sum{};
    for (const Duration part : *report.time) {
        REQUIRE(part >= Duration::zero());
        sum += part;
    }
    CHECK(sum == report.makespan * 3);
    for (const TaskReport& task : report.tasks)
        CHECK(task.turnaround.sum == task.waiting.sum + task.blocked.sum + task.cpu.sum);
    CHECK(std::ranges::is_sorted(trace.events, {}, &TraceEvent::time));
}
