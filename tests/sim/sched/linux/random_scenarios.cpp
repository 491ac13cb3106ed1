// Properties of the stack of classes that hold for any scenario, tried on random ones of tasks of every policy.
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"
#include "tests/sim/sched/linux/tasks.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <map>
#include <random>
#include <set>

using namespace switchyard;
using namespace std::chrono_literals;

namespace {

class Generator {
public:
    explicit Generator(std::uint64_t seed) : random_(seed) {}

    // Of real-time tasks that may run everywhere, if nothing else is wanted.
    Scenario scenario(bool only_real_time) {
        const auto cores = static_cast<std::uint32_t>(below(4) + 1);
        std::map<std::string, std::string> parameters;
        if (only_real_time) {
            parameters = {{"fair_server", "no"}, {"rt_runtime", "1s"}, {"rr_slice", "3ms"}};
        } else {
            static const char* const fairs[] = {"eevdf-6.17", "eevdf-6.12", "cfs"};
            parameters["fair"] = fairs[below(3)];
            parameters["fair_server"] = below(2) == 0 ? "yes" : "no";
            parameters["rr_slice"] = std::to_string(below(20) + 1) + "ms";
            parameters["hrtick"] = below(2) == 0 ? "yes" : "no";
            parameters["hrtick_dl"] = below(2) == 0 ? "yes" : "no";
        }
        ScenarioBuilder builder("random");
        builder.cores(cores).seed(random_()).hz(below(3) == 0 ? 0 : 250).scheduler("linux", parameters);
        const std::uint64_t tasks = below(7) + 1;
        for (std::uint64_t i = 0; i < tasks; ++i) {
            Scheduling scheduling;
            scheduling.policy = only_real_time ? (below(2) == 0 ? LinuxPolicy::fifo : LinuxPolicy::rr)
                                               : static_cast<LinuxPolicy>(below(linux_policies));
            scheduling.priority = static_cast<std::int32_t>(below(5) + 1);
            scheduling.nice = static_cast<std::int32_t>(below(40)) - 20;
            const bool deadline = scheduling.policy == LinuxPolicy::deadline;
            if (deadline) {
                scheduling.runtime = static_cast<std::int64_t>(below(4) + 1) * 500us;
                scheduling.period = 20ms;
                if (below(2) == 0) scheduling.deadline = 10ms;
            }
            const Adjust adjust = [&](TaskTemplate& task) {
                task.scheduling = scheduling;
                task.count = static_cast<std::uint32_t>(below(2) + 1);
                task.start = Distribution::constant(static_cast<std::int64_t>(below(3) * 1'000'000'000));
                if (!deadline && !only_real_time && below(3) == 0)
                    task.cores = {static_cast<std::uint32_t>(below(cores))};
            };
            builder.task(
                "task" + std::to_string(i), TaskKind::thread,
                [&](ProgramBuilder& program) { body(program, deadline, 0); }, adjust);
        }
        return builder.build();
    }

private:
    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

    Distribution amount() {
        if (below(3) == 0) return Distribution::exponential(5e8);
        return Distribution::constant(static_cast<std::int64_t>(below(9'000'000'000)));
    }

    void body(ProgramBuilder& program, bool deadline, int depth) {
        const std::uint64_t length = below(5) + 1;
        for (std::uint64_t i = 0; i < length; ++i) {
            const std::string name = "child" + std::to_string(named_++);
            switch (below(depth < 2 ? 7 : 5)) {
            case 0:
            case 1: program.compute(amount()); break;
            case 2: program.sleep(amount()); break;
            case 3: program.yield(); break;
            case 4: program.system_call(); break;
            case 5:
                program.repeat(static_cast<std::int64_t>(below(4)), [&](ProgramBuilder& inner) {
                    inner.compute(amount());
                    body(inner, deadline, depth + 1);
                });
                break;
            case 6:
                if (deadline) break; // its children would have to be admitted
                program.spawn(name, TaskKind::thread, [&](auto& inner) { body(inner, deadline, depth + 1); });
                if (below(2) == 0) program.compute(amount());
                program.join(name);
                break;
            }
        }
        program.compute(1us);
    }

    std::mt19937_64 random_;
    int named_ = 0;
};

// At every instant, once all of it has happened: who waits is not more urgent than anybody who runs.
void check_most_urgent_run(const Trace& trace, const std::vector<std::int32_t>& priority_of_task) {
    std::set<TaskId> ready;
    std::map<std::uint16_t, TaskId> running;
    for (std::size_t i = 0; i < trace.events.size(); ++i) {
        const TraceEvent& event = trace.events[i];
        if (event.kind == EventKind::ready) ready.insert(event.task);
        if (event.kind == EventKind::running) {
            ready.erase(event.task);
            running[event.core] = event.task;
        }
        if (event.kind == EventKind::stopped) {
            running.erase(event.core);
            const auto why = static_cast<Stop>(event.detail);
            if (why == Stop::preempted || why == Stop::yielded) ready.insert(event.task);
        }
        if (i + 1 < trace.events.size() && trace.events[i + 1].time == event.time) continue;
        if (ready.empty()) continue;
        REQUIRE(running.size() == trace.cores);
        for (const TaskId waiting : ready)
            for (const auto& [core, task] : running)
                REQUIRE(priority_of_task[waiting] <= priority_of_task[task]);
    }
}

} // namespace

TEST_CASE("Random tasks of all of Linux's policies: time adds up, everybody ends, everything is repeatable") {
    const auto seed = GENERATE(range(0, 300));
    INFO("seed " << seed);
    const Scenario scenario = Generator(static_cast<std::uint64_t>(seed)).scenario(false);
    Trace trace;
    const Report report = sim::simulate(scenario, reference_profile(), {.trace = &trace, .shuffle_ties = {}, .stop = {}, .progress = {}});
    REQUIRE(report.outcome == Outcome::completed);
    Duration sum{};
    for (const Duration part : *report.time) {
        REQUIRE(part >= Duration::zero());
        sum += part;
    }
    CHECK(sum == report.makespan * static_cast<std::int64_t>(report.cores));
    for (const TaskReport& task : report.tasks) {
        CHECK(task.finished == task.instances);
        CHECK(task.turnaround.sum == task.waiting.sum + task.blocked.sum + task.cpu.sum);
    }
    CHECK(sim::simulate(scenario, reference_profile()) == report);
    Scenario elsewhere = scenario;
    elsewhere.scheduler = {};
    elsewhere.scheduler.policy = "fifo";
    CHECK((*sim::simulate(elsewhere, free_profile()).time)[0] == (*report.time)[0]);
}

TEST_CASE("Random real-time tasks: at every instant the most urgent ones run, on one core to four") {
    const auto seed = GENERATE(range(0, 300));
    INFO("seed " << seed);
    const Scenario scenario = Generator(static_cast<std::uint64_t>(seed)).scenario(true);
    Trace trace;
    const Report report = sim::simulate(scenario, free_profile(), {.trace = &trace, .shuffle_ties = {}, .stop = {}, .progress = {}});
    REQUIRE(report.outcome == Outcome::completed);
    std::vector<std::int32_t> priorities;
    for (const TraceTask& task : trace.tasks) { // "task3#2", or "task3/child5"
        const std::size_t number = std::stoul(task.name.substr(4));
        priorities.push_back(scenario.tasks[number].scheduling.priority);
    }
    check_most_urgent_run(trace, priorities);
}
