// OSTEP, "Multiprocessor Scheduling" (cpu-sched-multi/multi.py): cores, queues, caches, tick by tick.
#include "sim/sched/multiprocessor.hpp"
#include "tests/oracles/machine.hpp"
#include "tests/oracles/oracle.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>
#include <map>

using namespace switchyard;
using namespace switchyard::oracles;

namespace {

using sim::MultiprocessorRoundRobin;

MultiprocessorRoundRobin::Options options_of(const Json& input) {
    return {.tick = tick,
            .slice = ticks(input.at("time_slice")),
            .queue_per_core = input.at("per_cpu_queues"),
            .peek = ticks(input.at("peek_interval")),
            .random_order = input.at("random_cpu_order"),
            .cache = Bytes{input.at("cache_size")},
            .warm_up = ticks(input.at("cache_warmup_ticks")),
            .cold_rate = input.at("cache_rate_cold"),
            .warm_rate = input.at("cache_rate_warm")};
}

// What multi.py drew and dealt, in its order.
MultiprocessorRoundRobin::Choices choices_of(const Json& input, std::vector<sim::CoreId> homes) {
    return {.victim = [&drawn = input.at("rng_steal_choices"), next = std::size_t{0}](
                          sim::CoreId) mutable { return drawn.at(next++).at("chosen").get<sim::CoreId>(); },
            .order =
                [&drawn = input.at("rng_cpu_orders"), next = std::size_t{0}](std::vector<sim::CoreId>& order) mutable {
                    order = drawn.at(next++).get<std::vector<sim::CoreId>>();
                },
            .home = [homes = std::move(homes)](TaskId task) { return homes.at(task); }};
}

// The tasks of a queue, in order.
std::vector<TaskId> tasks_in(const sim::ReadyQueues& queues, sim::QueueId queue) {
    std::vector<TaskId> tasks;
    queues.for_each(queue, [&](TaskId task) { tasks.push_back(task); });
    std::ranges::sort(tasks, {}, [&](TaskId task) { return queues.rank_of(task); });
    return tasks;
}

Json percentage(int part, std::size_t whole) {
    return std::stod(fmt::format("{:.2f}", 100.0 * part / static_cast<double>(whole)));
}

Json play(const Json& input) {
    const sim::CoreId cores = input.at("cores");
    std::map<std::string, Json> jobs;
    for (const Json& job : input.at("jobs")) jobs[job.at("name")] = job;

    // Tasks come in the order in which they stand in the queues.
    ScenarioBuilder builder("multi.py");
    builder.cores(cores);
    std::vector<std::string> names;
    std::map<std::string, TaskId> ids;
    std::vector<sim::CoreId> homes;
    const Json& queues = input.at("initial_queues");
    for (std::size_t queue = 0; queue < queues.size(); ++queue)
        for (const std::string name : queues[queue]) {
            const Json& job = jobs.at(name);
            const auto allowed = job.at("affinity").get<std::vector<std::uint32_t>>();
            ids[name] = static_cast<TaskId>(names.size());
            names.push_back(name);
            homes.push_back(static_cast<sim::CoreId>(queues.size() > 1 || allowed.empty() ? queue : allowed.front()));
            builder.task(
                "job " + name, TaskKind::thread,
                [&](ProgramBuilder& program) { program.compute(ticks(job.at("run"))); },
                [&](TaskTemplate& task) {
                    task.cores = allowed;
                    task.scheduling.working_set = Bytes{job.at("working_set")};
                });
        }
    TextbookMachine machine(builder, [&](sim::SchedulerHost& host, const sim::SchedulerMachine& on) {
        return std::make_unique<sim::PolicyClass>(
            std::make_unique<MultiprocessorRoundRobin>(options_of(input), choices_of(input, homes)), host, on.cores);
    });
    const auto& policy = machine.policy<MultiprocessorRoundRobin>();

    Json trace = Json::array();
    std::vector<int> busy(cores), warm(cores);
    for (std::int64_t t = 0;; ++t) {
        machine.run_to(at_tick(t));
        if (t > 0) { // what is warm now is so since the end of the tick before
            Json& row = trace.back()["warm"];
            for (sim::CoreId core = 0; core < cores; ++core) {
                row.push_back(Json::array());
                for (const Json& job : input.at("jobs"))
                    if (policy.is_warm(core, ids.at(job.at("name")))) row.back().push_back(job.at("name"));
            }
        }
        bool anybody = false;
        for (sim::CoreId core = 0; core < cores; ++core) anybody |= policy.occupant(core) != no_task;
        if (machine.is_over() && !anybody) break;

        Json row = {{"t", t},
                    {"cpu", Json::array()},
                    {"left", Json::array()},
                    {"warm", Json::array()},
                    {"queues", Json::array()}};
        for (sim::CoreId core = 0; core < cores; ++core) {
            const TaskId occupant = policy.occupant(core);
            if (occupant == no_task) {
                row["cpu"].push_back(nullptr);
                row["left"].push_back(nullptr);
                continue;
            }
            row["cpu"].push_back(names[occupant]);
            row["left"].push_back(in_ticks(machine.work_left(occupant, at_tick(t + 1))));
            ++busy[core];
            warm[core] += machine.kernel().cores[core].speed > nominal_speed;
        }
        for (std::size_t queue = 0; queue < queues.size(); ++queue) {
            row["queues"].push_back(Json::array());
            for (const TaskId task : tasks_in(machine.host().queues(), static_cast<sim::QueueId>(queue)))
                row["queues"].back().push_back(names[task]);
        }
        trace.push_back(std::move(row));
    }
    Json cpus = Json::array();
    for (sim::CoreId core = 0; core < cores; ++core)
        cpus.push_back({{"cpu", core},
                        {"utilization_pct", percentage(busy[core], trace.size())},
                        {"warm_pct", percentage(warm[core], trace.size())}});
    return {{"finish_time", trace.size()}, {"cpus", std::move(cpus)}, {"trace", std::move(trace)}};
}

} // namespace

TEST_CASE("OSTEP's multi.py: round robin on several cores with caches") {
    check_played("ostep multi", read_cases("scheduling/ostep", "multi-"), play);
}
