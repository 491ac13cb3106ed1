// OSTEP, "Scheduling: Proportional Share" (cpu-sched-lottery/lottery.py), draw by draw.
#include "sim/sched/lottery.hpp"
#include "tests/oracles/machine.hpp"
#include "tests/oracles/oracle.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

using namespace switchyard;
using namespace switchyard::oracles;

namespace {

Json play(const Json& input) {
    const Json& jobs = input.at("jobs");
    const Duration quantum = ticks(input.at("quantum"));
    ScenarioBuilder builder("lottery.py");
    for (const Json& job : jobs)
        builder.task(
            fmt::format("{}", job.at("id").get<int>()), TaskKind::thread,
            [&](ProgramBuilder& program) { program.compute(ticks(job.at("run"))); },
            [&](TaskTemplate& task) {
                task.start = Distribution::constant(ticks(job.at("arrival")).count());
                task.scheduling.tickets = job.at("tickets");
            });
    const Json& sequence = input.at("random_sequence");
    TextbookMachine machine(builder, [&](sim::SchedulerHost& host, const sim::SchedulerMachine& on) {
        const auto draws = [&sequence, next = std::size_t{0}]() mutable {
            return sequence.at(next++).get<std::uint64_t>();
        };
        return std::make_unique<sim::PolicyClass>(std::make_unique<sim::Lottery>(quantum, true, draws), host, on.cores);
    });
    const auto& policy = machine.policy<sim::Lottery>();
    Json played = {{"draws", Json::array()}, {"completions", Json::array()}};
    std::size_t seen = 0; // of the kernel's trace
    while (!machine.is_over() && machine.step()) {
        if (policy.draws() > played["draws"].size()) {
            const sim::Lottery::Draw& draw = policy.last_draw();
            played["draws"].push_back({{"random", draw.random},
                                       {"winning_ticket", draw.ticket},
                                       {"tickets_in_play", draw.in_play},
                                       {"job", jobs[draw.winner].at("id")}});
        }
        for (; seen < machine.trace().events.size(); ++seen) {
            const TraceEvent& event = machine.trace().events[seen];
            if (event.kind != EventKind::ended) continue;
            const Time done = std::max(event.time, policy.held_until(0));
            played["completions"].push_back({{"job", jobs[event.task].at("id")}, {"done_at", in_ticks(done)}});
        }
    }
    return played;
}

} // namespace

TEST_CASE("OSTEP's lottery.py: lottery scheduling") {
    check_played("ostep lottery", read_cases("scheduling/ostep", "lottery-"), play);
}
