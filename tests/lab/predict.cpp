#include "lab/predict.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace std::chrono_literals;

static Scenario hand_overs(std::uint32_t hz) {
    const auto yields = [](ProgramBuilder& task) { task.repeat(100, [](auto& body) { body.compute(1ms).yield(); }); };
    return ScenarioBuilder("hand over")
        .cores(1)
        .hz(hz)
        .scheduler("rr", {{"slice", "1s"}})
        .task("A", TaskKind::thread, yields)
        .task("B", TaskKind::thread, yields)
        .build();
}

TEST_CASE("Overhead is the makespan less the makespan at no cost") {
    const Report report = lab::predict(hand_overs(0), reference_profile());
    REQUIRE(report.pure_work == 200ms);
    CHECK(report.overhead() == report.makespan - 200ms);
    CHECK(report.overhead() > 0ms);
}

TEST_CASE("Pure work on two cores is the longer share, not the sum") {
    Scenario scenario = hand_overs(250);
    scenario.machine.cores = 2;
    CHECK(lab::pure_work(scenario, reference_profile()) == 100ms);
}

TEST_CASE("References to memory are work: they are no overhead") {
    const Scenario scenario = ScenarioBuilder("references")
                                  .task("A", TaskKind::process,
                                        [](ProgramBuilder& task) {
                                            Touch touch;
                                            touch.pattern = AccessPattern::uniform;
                                            touch.count = 1000;
                                            task.map("region", base_page * 10).touch("region", touch);
                                        })
                                  .build();
    CostProfile profile = free_profile();
    profile[Cost::memory_reference] = Law::constant(5ns);
    const Report report = lab::predict(scenario, profile);
    CHECK(report.pure_work == 5us);
    CHECK(report.overhead() == Duration::zero());
    CHECK((*report.time)[static_cast<std::size_t>(TimeCategory::work)] == 5us);
}

TEST_CASE("The interval of a prediction contains it, and follows the profile's own intervals") {
    CostProfile profile = reference_profile();
    const Scenario scenario = hand_overs(250);
    profile[Cost::switch_context]->interval = {400e3 * 0.5, 400e3 * 2};
    const lab::Prediction wide = lab::predict_with_interval(scenario, profile);
    CHECK(wide.low.makespan < wide.report.makespan);
    CHECK(wide.report.makespan < wide.high.makespan);
}

TEST_CASE("A machine with ticks is slower by the ticks it serves") {
    CostProfile profile = free_profile();
    profile[Cost::tick] = Law::constant(10us);
    const Report without = lab::predict(hand_overs(0), profile);
    const Report with = lab::predict(hand_overs(250), profile);
    CHECK(without.makespan == 200ms);
    CHECK(with.makespan == 200ms + static_cast<std::int64_t>(with.counters.ticks) * 10us);
    CHECK(with.counters.ticks == 51); // at 0, 4, 8 ... 200 ms: the last one falls into what the ticks before it added
}
