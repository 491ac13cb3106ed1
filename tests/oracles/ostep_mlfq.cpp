// OSTEP, "Scheduling: The Multi-Level Feedback Queue" (cpu-sched-mlfq/mlfq.py), tick by tick.
#include "sim/sched/mlfq.hpp"
#include "tests/oracles/machine.hpp"
#include "tests/oracles/oracle.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

using namespace switchyard;
using namespace switchyard::oracles;

namespace {

ScenarioBuilder scenario_of(const Json& input) {
    std::string quanta;
    std::string allotments;
    const Json& levels = input.at("queues_top_first");
    for (const Json& level : levels) {
        quanta += text_of(ticks(level.at("quantum"))) + " ";
        allotments += fmt::format("{} ", level.at("allotment_slices").get<int>());
    }
    ScenarioBuilder builder("mlfq.py");
    builder.scheduler("mlfq", {{"quanta", quanta},
                               {"allotments", allotments},
                               {"boost", text_of(ticks(input.at("boost_every")))},
                               {"woken_to_front", text_of(input.at("io_to_front").get<bool>())},
                               {"wait_refills", text_of(input.at("stay_after_io").get<bool>())}});
    for (const Json& job : input.at("jobs")) {
        const int run = job.at("run");
        const int every = job.at("io_every");
        const int waits = every > 0 ? (run - 1) / every : 0;
        builder.task(
            fmt::format("{}", job.at("id").get<int>()), TaskKind::thread,
            [&](ProgramBuilder& program) {
                program.repeat(waits, [&](ProgramBuilder& round) {
                    round.compute(tick * every).sleep(ticks(input.at("io_time")));
                });
                program.compute(tick * (run - waits * every));
            },
            [&](TaskTemplate& task) { task.start = Distribution::constant(ticks(job.at("arrival")).count()); });
    }
    return builder;
}

// What the kernel saw happen, in the order mlfq.py says it: what a tick ends with, the boost, what the next begins
// with.
Json events_of(const TextbookMachine& machine, const Json& jobs, const std::vector<std::int64_t>& boosts) {
    struct Event {
        std::int64_t t;
        int order;
        Json said;
    };
    std::vector<Event> events;
    const auto add = [&](std::int64_t t, int order, const char* what, TaskId id) {
        events.push_back({t, order, {{"t", t}, {"event", what}, {"job", jobs[id].at("id")}}});
    };
    std::vector<bool> known(jobs.size());
    for (const TraceEvent& event : machine.trace().events) {
        const std::int64_t t = (event.time - Time{}) / tick;
        if (event.kind == EventKind::ready) {
            add(t, 2, known[event.task] ? "io_done" : "job_begins", event.task);
            known[event.task] = true;
        }
        if (event.kind != EventKind::stopped) continue;
        if (static_cast<Stop>(event.detail) == Stop::ended) add(t, 0, "finished", event.task);
        if (static_cast<Stop>(event.detail) == Stop::blocked) add(t, 0, "io_start", event.task);
    }
    for (std::size_t t = 1; t < boosts.size(); ++t)
        if (boosts[t] != boosts[t - 1])
            events.push_back({static_cast<std::int64_t>(t), 1, {{"t", t}, {"event", "boost"}}});
    std::ranges::stable_sort(
        events, [](const Event& a, const Event& b) { return std::pair(a.t, a.order) < std::pair(b.t, b.order); });
    Json said = Json::array();
    for (Event& event : events) said.push_back(std::move(event.said));
    return said;
}

Json play(const Json& input) {
    TextbookMachine machine(scenario_of(input));
    const auto& policy = machine.policy<sim::Mlfq>();
    const Json& jobs = input.at("jobs");
    const std::size_t top = input.at("queues_top_first").size() - 1;
    Json rows = Json::array();
    std::vector<std::int64_t> first_run(jobs.size(), -1);
    std::vector<std::int64_t> boosts;
    for (std::int64_t t = 0;; ++t) {
        machine.run_to(at_tick(t));
        if (machine.is_over()) break;
        boosts.push_back(policy.boosts_by(at_tick(t)));
        const TaskId id = machine.running();
        if (id == no_task) {
            rows.push_back({t, -1});
            continue;
        }
        if (first_run[id] < 0) first_run[id] = t;
        const auto [level, allotment] = policy.standing(id);
        const Time after = at_tick(t + 1);
        rows.push_back({t, jobs[id].at("id"), top - level, in_ticks(machine.host().running_slice_left(0, after)),
                        allotment, in_ticks(ticks(jobs[id].at("run")) - machine.cpu_time(id, after))});
    }
    std::vector<std::int64_t> end(jobs.size());
    for (const TraceEvent& event : machine.trace().events)
        if (event.kind == EventKind::ended) end[event.task] = (event.time - Time{}) / tick;
    Json played = {{"jobs", Json::array()}, {"ticks", std::move(rows)}};
    std::vector<double> responses, turnarounds;
    for (std::size_t id = 0; id < jobs.size(); ++id) {
        const std::int64_t arrival = jobs[id].at("arrival");
        responses.push_back(static_cast<double>(first_run[id] - arrival));
        turnarounds.push_back(static_cast<double>(end[id] - arrival));
        played["jobs"].push_back(
            {{"id", jobs[id].at("id")}, {"response", first_run[id] - arrival}, {"turnaround", end[id] - arrival}});
    }
    played["average_printed"] = {{"response", printed_mean(responses)}, {"turnaround", printed_mean(turnarounds)}};
    played["events"] = events_of(machine, jobs, boosts);
    return played;
}

} // namespace

TEST_CASE("OSTEP's mlfq.py: the multi-level feedback queue") {
    check_played("ostep mlfq", read_cases("scheduling/ostep", "mlfq-"), play);
}
