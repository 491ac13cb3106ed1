// OSTEP, "Scheduling: Introduction" (cpu-sched/scheduler.py): first in first out, shortest job first, round robin.
#include "tests/oracles/machine.hpp"
#include "tests/oracles/oracle.hpp"

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

using namespace switchyard;
using namespace switchyard::oracles;

namespace {

ScenarioBuilder scenario_of(const Json& input) {
    ScenarioBuilder builder("scheduler.py");
    const std::string policy = input.at("policy");
    if (policy == "RR")
        builder.scheduler("rr", {{"slice", text_of(ticks(input.at("quantum")))}, {"also_alone", "yes"}});
    else
        builder.scheduler(policy == "SJF" ? "sjf" : "fifo");
    for (const Json& job : input.at("jobs"))
        builder.task(
            fmt::format("{}", job.at("id").get<int>()), TaskKind::thread,
            [&](ProgramBuilder& program) { program.compute(ticks(job.at("run"))); },
            [&](TaskTemplate& task) { task.start = Distribution::constant(ticks(job.at("arrival")).count()); });
    return builder;
}

Json play(const Json& input) {
    TextbookMachine machine(scenario_of(input));
    while (!machine.is_over() && machine.step()) continue;
    const Json& jobs = input.at("jobs");
    Json played = {{"jobs", Json::array()}, {"completion_order", Json::array()}, {"slices", Json::array()}};

    struct Times {
        std::optional<Time> first_run;
        Time end{};
    };
    std::vector<Times> times(jobs.size());
    Time begin{};
    for (const TraceEvent& event : machine.trace().events) {
        if (event.kind == EventKind::running) {
            begin = event.time;
            if (!times[event.task].first_run) times[event.task].first_run = begin;
        }
        if (event.kind == EventKind::stopped) {
            Json slice = {{"printed_time", (begin - Time{}) / tick},
                          {"job", jobs[event.task].at("id")},
                          {"ran", in_ticks(event.time - begin)}};
            if (static_cast<Stop>(event.detail) == Stop::ended) {
                slice["done_at"] = in_ticks(event.time);
                played["completion_order"].push_back(jobs[event.task].at("id"));
                times[event.task].end = event.time;
            }
            played["slices"].push_back(std::move(slice));
        }
    }
    std::vector<double> responses, turnarounds, waits;
    for (TaskId id = 0; id < jobs.size(); ++id) {
        const Time arrival = Time{} + ticks(jobs[id].at("arrival"));
        const Json response = in_ticks(*times[id].first_run - arrival);
        const Json turnaround = in_ticks(times[id].end - arrival);
        const Json wait = in_ticks(times[id].end - arrival - machine.kernel().tasks[id].cpu);
        played["jobs"].push_back(
            {{"id", jobs[id].at("id")}, {"response", response}, {"turnaround", turnaround}, {"wait", wait}});
        responses.push_back(response);
        turnarounds.push_back(turnaround);
        waits.push_back(wait);
    }
    played["average_printed"] = {{"response", printed_mean(responses)},
                                 {"turnaround", printed_mean(turnarounds)},
                                 {"wait", printed_mean(waits)}};
    return played;
}

} // namespace

TEST_CASE("OSTEP's scheduler.py: fifo, sjf and rr") {
    check_played("ostep sched", read_cases("scheduling/ostep", "sched-"), play);
}
