// How much later than asked sleeps end.
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace std::chrono_literals;

namespace {

Duration late(const std::function<void(TaskTemplate&)>& change) {
    CostProfile profile = free_profile();
    profile[Cost::sleep_overshoot] = Law::constant(10us);
    profile[Cost::timer_slack] = Law::constant(50us);
    const Report report = sim::simulate(ScenarioBuilder("sleeping")
                                            .cores(1)
                                            .hz(0)
                                            .scheduler("linux", {})
                                            .task(
                                                "A", TaskKind::thread, [](auto& task) { task.sleep(1ms); }, change)
                                            .build(),
                                        profile);
    return report.makespan - 1ms;
}

} // namespace

TEST_CASE("an ordinary task's sleeps end by its timer slack later, a real-time task's do not") {
    CHECK(late([](TaskTemplate&) {}) == 60us);
    CHECK(late([](TaskTemplate& task) { task.scheduling.timer_slack = 0us; }) == 10us);
    CHECK(late([](TaskTemplate& task) { task.scheduling.timer_slack = 200us; }) == 210us);
    for (const LinuxPolicy policy : {LinuxPolicy::fifo, LinuxPolicy::rr})
        CHECK(late([=](TaskTemplate& task) {
                  task.scheduling.policy = policy;
                  task.scheduling.priority = 1;
                  task.scheduling.timer_slack = 200us; // which it has no use for
              }) == 10us);
    for (const LinuxPolicy policy : {LinuxPolicy::batch, LinuxPolicy::idle})
        CHECK(late([=](TaskTemplate& task) { task.scheduling.policy = policy; }) == 60us);
}
