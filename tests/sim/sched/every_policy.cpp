// What holds for every policy there is, whatever it decides: no core is idle while a task waits that may run there, no
// task runs on two cores, and all work gets done. Looked at after every instant of random scenarios.
#include "models/machine/profile.hpp"
#include "sim/kernel/boot.hpp"
#include "sim/kernel/instant.hpp"
#include "sim/sched/policy_class.hpp"
#include "sim/sched/registry.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <random>
#include <set>

using namespace switchyard;
using namespace std::chrono_literals;

namespace {

class Generator {
public:
    explicit Generator(int seed) : random_(static_cast<std::uint64_t>(seed)) {}

    Scenario scenario(std::string_view policy) {
        const std::int64_t cores = 1 + below(4);
        ScenarioBuilder builder("random");
        builder.cores(static_cast<std::uint32_t>(cores)).seed(random_()).hz(below(3) == 0 ? 250 : 0);
        builder.scheduler(std::string(policy));
        const std::int64_t tasks = 2 + below(8);
        for (std::int64_t i = 0; i < tasks; ++i)
            builder.task(
                "task" + std::to_string(i), TaskKind::thread,
                [&](ProgramBuilder& program) { below(2) == 0 ? periodic(program) : aperiodic(program); },
                [&](TaskTemplate& task) {
                    task.count = static_cast<std::uint32_t>(1 + below(2));
                    task.start = Distribution::constant(below(20) * 1'000'000'000);
                    task.scheduling.period = 1ms * (5 + below(20));
                    task.scheduling.runtime = 1ms * (1 + below(5));
                    task.scheduling.priority = static_cast<std::int32_t>(1 + below(5));
                    task.scheduling.aborts_on_miss = below(4) == 0;
                    if (below(2) == 0)
                        for (std::uint32_t core = 0; core < cores; ++core)
                            if (below(2) == 0) task.cores.push_back(core);
                });
        return builder.build();
    }

private:
    std::int64_t below(std::int64_t bound) {
        return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(bound));
    }
    void periodic(ProgramBuilder& program) {
        const Duration period = 1ms * (5 + below(20));
        program.repeat(3 + below(6), [&](auto& each) {
            each.job(period, [&](auto& job) { job.compute(Distribution::exponential(3e9)); });
        });
    }
    void aperiodic(ProgramBuilder& program) {
        program.repeat(2 + below(6), [&](auto& each) {
            each.compute(Distribution::exponential(4e9));
            if (below(2) == 0) each.yield();
            each.sleep(Distribution::exponential(3e9));
        });
    }

    std::mt19937_64 random_;
};

void check_cores(const sim::Kernel& kernel) {
    std::set<TaskId> running;
    for (const sim::Core& core : kernel.cores)
        if (core.current != no_task) REQUIRE(running.insert(core.current).second);
    for (TaskId id = 0; id < kernel.tasks.size(); ++id)
        REQUIRE((kernel.tasks[id].state == sim::State::running) == running.contains(id));
}

void check_no_core_is_wasted(const sim::Kernel& kernel) {
    for (TaskId id = 0; id < kernel.tasks.size(); ++id) {
        if (kernel.tasks[id].state != sim::State::ready) continue;
        for (sim::CoreId core = 0; core < kernel.cores.size(); ++core)
            if (sim::may_run_on(kernel.task_views[id], core)) {
                INFO("task " << id << " waits at " << kernel.now().time_since_epoch().count() << " ps, core " << core);
                REQUIRE(kernel.cores[core].current != no_task);
            }
    }
}

bool has_defaults(const sim::SchedulerDescription& policy) {
    return std::ranges::none_of(policy.parameters, [](const auto& one) { return one.default_value.empty(); });
}

} // namespace

TEST_CASE("Every policy: no core idle while a task waits for it, nobody on two cores, all work done") {
    for (const sim::SchedulerDescription& policy : sim::schedulers()) {
        if (!has_defaults(policy)) continue;
        INFO(policy.name);
        for (int seed = 0; seed < 60; ++seed) {
            INFO("seed " << seed);
            const Scenario scenario = Generator(seed).scenario(policy.name);
            const CostProfile profile = seed % 2 == 0 ? free_profile() : reference_profile();
            const auto kernel = sim::boot(scenario, profile, {}, nullptr);
            // Whole classes balance their queues now and then; what a policy has is in one place.
            const bool is_hosted = dynamic_cast<const sim::PolicyClass*>(kernel->scheduler.get()) != nullptr;
            while (kernel->live_tasks > 0) {
                REQUIRE(sim::next_instant(*kernel) > 0);
                check_cores(*kernel);
                if (is_hosted) check_no_core_is_wasted(*kernel);
            }
            const Report report = sim::report_of(*kernel, Outcome::completed, "");
            for (const TaskReport& task : report.tasks) {
                CHECK(task.finished == task.instances);
                CHECK(task.jobs.finished + task.jobs.aborted == task.jobs.released);
            }
        }
    }
}
