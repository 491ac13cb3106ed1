// The fair class alone: how many dispatches a second, 1,000 tasks being ready on 16 cores. Each is a tick that ends a
// slice, or a task that blocks and one that wakes; then a pick, and the question when the next tick will matter.
#include "sim/sched/fair/fair_class.hpp"

#include <benchmark/benchmark.h>

#include <vector>

using namespace switchyard;
using namespace switchyard::sim;

namespace {

constexpr CoreId cores = 16;
constexpr TaskId tasks = 1000;

// A machine that does nothing but keep the view.
struct Machine final : SchedulerHost {
    SchedulerView shown;
    Time clock{};
    Scheduling scheduling;
    std::vector<SchedulerView::TaskView> views;
    std::vector<TaskId> current;

    Machine() : views(tasks), current(cores, no_task) {
        for (TaskId task = 0; task < tasks; ++task) {
            views[task].scheduling = &scheduling;
            views[task].core = static_cast<CoreId>(task % cores);
        }
        shown.tasks = views;
        shown.current = current;
    }
    Time now() const override { return clock; }
    const SchedulerView& view() const override { return shown; }
    void reschedule(CoreId) override {}
    void action_changed(CoreId) override {}
    void set_timer(std::uint32_t, Time) override {}
    void set_performance(CoreId, std::int64_t) override {}
    void moved(TaskId task, CoreId core) override { views[task].core = core; }
    Duration burst_left(TaskId) const override { return {}; }
};

void pick(Machine& machine, FairClass& fair, CoreId core) {
    const TaskId next = fair.pick_task(core, machine.clock);
    machine.current[core] = next;
    fair.set_next_task(core, next, machine.clock);
    benchmark::DoNotOptimize(fair.next_action(core, machine.clock));
}

void dispatches(benchmark::State& state) {
    Machine machine;
    FairParameters parameters;
    parameters.version = static_cast<FairVersion>(state.range(0));
    FairClass fair(parameters, machine, cores, 250);
    for (TaskId task = 0; task < tasks; ++task) {
        fair.task_new(task);
        fair.enqueue_task(machine.views[task].core, task, Enqueue::created, machine.clock);
    }
    for (CoreId core = 0; core < cores; ++core) pick(machine, fair, core);
    const bool blocks = state.range(1) != 0;
    CoreId core = 0;
    for (auto _ : state) {
        machine.clock += Duration{250'000'000};
        core = static_cast<CoreId>((core + 1) % cores);
        const TaskId task = machine.current[core];
        machine.current[core] = no_task;
        if (blocks) {
            fair.dequeue_task(core, task, machine.clock);
            pick(machine, fair, core);
            const CoreId joined = fair.select_task_rq(task, Enqueue::woken, core, machine.clock);
            machine.views[task].core = joined;
            fair.enqueue_task(joined, task, Enqueue::woken, machine.clock);
            benchmark::DoNotOptimize(fair.next_action(joined, machine.clock));
        } else {
            benchmark::DoNotOptimize(fair.task_tick(core, machine.clock));
            fair.put_prev_task(core, task, Enqueue::expired, machine.clock);
            pick(machine, fair, core);
        }
    }
    state.SetItemsProcessed(state.iterations());
}

} // namespace

BENCHMARK(dispatches)
    ->ArgNames({"version", "blocks"})
    ->ArgsProduct({{static_cast<int>(FairVersion::v6_5), static_cast<int>(FairVersion::v6_12),
                    static_cast<int>(FairVersion::v6_17)},
                   {0, 1}});

BENCHMARK_MAIN();
