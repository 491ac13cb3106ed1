// Properties that hold for any scenario, tried on random ones: time adds up, nobody runs twice at once, what is asked
// for is done, and everything is repeatable.
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <map>
#include <random>

using namespace switchyard;
using namespace std::chrono_literals;

namespace {

class Generator {
public:
    explicit Generator(std::uint64_t seed) : random_(seed) {}

    Scenario scenario() {
        const auto cores = static_cast<std::uint32_t>(below(4) + 1);
        ScenarioBuilder builder("random");
        builder.cores(cores).seed(random_()).hz(below(2) == 0 ? 0 : 250);
        if (below(4) == 0)
            builder.scheduler("fifo");
        else
            builder.scheduler("rr", {{"slice", std::to_string(below(5000) + 100) + "us"}});
        const auto parallel = static_cast<std::uint32_t>(below(3) + 1);
        builder.device("disk", amount(), parallel, below(2) == 0 ? 0 : parallel + static_cast<std::uint32_t>(below(3)));
        const std::uint64_t tasks = below(6) + 1;
        for (std::uint64_t i = 0; i < tasks; ++i) {
            const auto kind = static_cast<TaskKind>(below(4));
            builder.task(
                "task" + std::to_string(i), kind, [&](ProgramBuilder& program) { body(program, kind, 0); },
                [&](TaskTemplate& task) {
                    task.count = static_cast<std::uint32_t>(below(3) + 1);
                    if (kind == TaskKind::process) task.resident = Bytes{static_cast<std::int64_t>(below(100) * 4096)};
                    // Coroutines and fibers do not share a thread; every carrier is a thread of its own process.
                    if (is_carried(kind)) task.process = task.carrier = std::string(name_of(kind));
                    task.start = Distribution::constant(static_cast<std::int64_t>(below(3) * 1'000'000'000));
                });
        }
        return builder.build();
    }

private:
    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

    Distribution amount() {
        if (below(3) == 0) return Distribution::exponential(5e8);
        return Distribution::constant(static_cast<std::int64_t>(below(3'000'000'000)));
    }

    void body(ProgramBuilder& program, TaskKind kind, int depth) {
        const std::uint64_t length = below(5) + 1;
        for (std::uint64_t i = 0; i < length; ++i) {
            const std::string name = "child" + std::to_string(named_++);
            switch (below(depth < 2 ? 10 : 6)) {
            case 0:
            case 1: program.compute(amount()); break;
            case 2: program.sleep(amount(), is_carried(kind) && below(2) == 0); break;
            case 3: program.yield(); break;
            case 4: program.system_call(); break;
            case 5: program.io("disk", static_cast<WaitStyle>(below(wait_styles))); break;
            case 6:
                program.repeat(static_cast<std::int64_t>(below(4)), [&](ProgramBuilder& inner) {
                    inner.compute(amount());
                    body(inner, kind, depth + 1);
                });
                break;
            case 7: {
                const TaskKind child = is_carried(kind) ? kind : TaskKind::thread;
                program.spawn(name, child, [&](ProgramBuilder& inner) { body(inner, child, depth + 1); });
                if (below(2) == 0) program.compute(amount());
                program.join(name); // a forked process that exits would take it along
                break;
            }
            case 8:
            case 9:
                if (is_carried(kind)) break;
                program.fork(name, [&](ProgramBuilder& inner) { body(inner, TaskKind::process, depth + 1); });
                if (below(2) == 0) program.wait(name);
                break;
            }
        }
        program.compute(1us);
    }

    std::mt19937_64 random_;
    int named_ = 0;
};

// On the cores of the trace, intervals of running are disjoint, and no thread runs on two cores at once.
void check_exclusive(const Trace& trace) {
    std::map<std::uint16_t, TaskId> on_core;
    std::map<TaskId, std::uint16_t> core_of;
    Time last{};
    for (const TraceEvent& event : trace.events) {
        REQUIRE(event.time >= last);
        last = event.time;
        if (event.kind == EventKind::running) {
            REQUIRE_FALSE(on_core.contains(event.core));
            REQUIRE_FALSE(core_of.contains(event.task));
            on_core[event.core] = event.task;
            core_of[event.task] = event.core;
        } else if (event.kind == EventKind::stopped && on_core.contains(event.core)) {
            REQUIRE(on_core[event.core] == event.task);
            on_core.erase(event.core);
            core_of.erase(event.task);
        }
    }
}

} // namespace

TEST_CASE("Random scenarios: time adds up to cores x makespan, and every task ends or is accounted for") {
    const auto seed = GENERATE(range(0, 400));
    INFO("seed " << seed);
    const Scenario scenario = Generator(static_cast<std::uint64_t>(seed)).scenario();
    Trace trace;
    sim::SimulationOptions options;
    options.trace = &trace;
    const Report report = sim::simulate(scenario, reference_profile(), options);
    REQUIRE(report.outcome == Outcome::completed);
    Duration sum{};
    for (const Duration part : *report.time) {
        REQUIRE(part >= Duration::zero());
        sum += part;
    }
    CHECK(sum == report.makespan * static_cast<std::int64_t>(report.cores));
    for (const TaskReport& task : report.tasks) {
        CHECK(task.finished == task.instances); // nobody crashes in these
        CHECK(task.turnaround.sum == task.waiting.sum + task.blocked.sum + task.cpu.sum);
    }
    check_exclusive(trace);

    SECTION("repeatable, byte for byte") {
        Trace again;
        options.trace = &again;
        CHECK(sim::simulate(scenario, reference_profile(), options) == report);
        CHECK(again.events == trace.events);
    }
    SECTION("the work drawn depends neither on costs nor on the policy") {
        Scenario other = scenario;
        other.scheduler = {};
        other.scheduler.policy = "fifo";
        other.machine.cores = 1;
        const Report elsewhere = sim::simulate(other, free_profile());
        REQUIRE(elsewhere.outcome == Outcome::completed);
        CHECK((*elsewhere.time)[0] == (*report.time)[0]);
    }
    SECTION("another order of simultaneous events changes neither the work nor who finishes") {
        sim::SimulationOptions shuffled;
        shuffled.shuffle_ties = 7;
        const Report other = sim::simulate(scenario, reference_profile(), shuffled);
        CHECK((*other.time)[0] == (*report.time)[0]);
    }
}
