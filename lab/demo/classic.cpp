#include "lab/demo/classic.hpp"

#include "models/analytic/makespan.hpp"

#include <array>
#include <fmt/format.h>

namespace switchyard::lab {

using namespace std::chrono_literals;

static Scenario two_tasks(std::string name, TaskKind kind, std::uint32_t cores, Duration slice,
                          const ProgramBuilder::Body& program) {
    return ScenarioBuilder(std::move(name))
        .cores(cores)
        .scheduler("rr", {{"slice", fmt::format("{}ps", slice.count())}})
        .task("A", kind, program)
        .task("B", kind, program)
        .build();
}

std::vector<TextbookCase> textbook_cases() {
    constexpr Duration work = 10s;
    constexpr Duration slice = 1s;
    constexpr Duration switch_cost = 100ms;
    constexpr std::array works{work, work};
    const auto computes = [=](ProgramBuilder& task) { task.compute(work); };
    return {
        {"threads, one core, round robin", "20 + 19 x 0.1",
         two_tasks("threads on one core", TaskKind::thread, 1, slice, computes),
         round_robin(works, slice, switch_cost).makespan},
        {"coroutines, one core, A hands over when it ends", "20 + 1 x 0.1",
         two_tasks("coroutines on one core", TaskKind::coroutine, 1, slice, computes),
         run_to_completion(works, switch_cost).makespan},
        {"threads, two cores", "10", two_tasks("threads on two cores", TaskKind::thread, 2, slice, computes),
         one_core_each(works, 2).makespan},
        {"coroutines, two cores (one thread)", "20 + 1 x 0.1",
         two_tasks("coroutines on two cores", TaskKind::coroutine, 2, slice, computes),
         run_to_completion(works, switch_cost).makespan},
    };
}

std::vector<MeasurableCase> measurable_cases(Duration work) {
    std::vector<MeasurableCase> cases;
    for (const Duration interval : {Duration{50us}, Duration{1ms}}) {
        const auto hands_over = [&](ProgramBuilder& task) {
            task.repeat(work / interval, [&](ProgramBuilder& body) { body.compute(interval).yield(); });
        };
        for (const std::uint32_t cores : {1u, 2u})
            for (const TaskKind kind : {TaskKind::process, TaskKind::thread, TaskKind::coroutine})
                cases.push_back(
                    {kind, cores, interval,
                     two_tasks(fmt::format("{}, {} core(s), every {} us", name_of(kind), cores, interval / 1us), kind,
                               cores, 1s, hands_over)});
    }
    return cases;
}

} // namespace switchyard::lab
