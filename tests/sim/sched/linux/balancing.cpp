// Load balancing seen from outside: scenarios under the whole stack of classes.
#include "models/machine/profile.hpp"
#include "models/scenario/scenario.hpp"
#include "sim/simulate.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace std::chrono_literals;

// Shares of a group are compared core by core: stale ones would leave three of its tasks on one core, one on the other.
TEST_CASE("Four hogs of one session on two cores are balanced, two to each", "[linux]") {
    for (const std::uint32_t hz : {0U, 250U}) {
        for (const char* autogroup : {"yes", "no"}) {
            INFO("hz " << hz << ", autogroup " << autogroup);
            const Scenario scenario = ScenarioBuilder("four on two")
                                          .cores(2)
                                          .hz(hz)
                                          .scheduler("linux", {{"autogroup", autogroup}})
                                          .task(
                                              "hog", TaskKind::thread, [](ProgramBuilder& hog) { hog.compute(500ms); },
                                              [](TaskTemplate& hog) { hog.count = 4; })
                                          .build();
            const Report report = sim::simulate(scenario, free_profile());
            CHECK(report.makespan <= 1s + 30ms);
            CHECK(report.tasks[0].turnaround.least >= 900ms); // nobody had a core alone
        }
    }
}
