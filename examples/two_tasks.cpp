// The classic argument from C++: build a scenario, simulate it, read the report.
#include "models/machine/profile.hpp"
#include "models/units/text.hpp"
#include "sim/simulate.hpp"

#include <cstdio>

using namespace switchyard;
using namespace std::chrono_literals;

int main() {
    const Scenario scenario = ScenarioBuilder("two tasks")
                                  .cores(1)
                                  .scheduler("rr", {{"slice", "1s"}})
                                  .task("A", TaskKind::thread, [](ProgramBuilder& task) { task.compute(10s); })
                                  .task("B", TaskKind::thread, [](ProgramBuilder& task) { task.compute(10s); })
                                  .build();
    const Report report = sim::simulate(scenario, textbook_profile());
    std::printf("two threads on one core: %s\n", exact_text(report.makespan).c_str());
    return report.makespan == 21900ms ? 0 : 1;
}
