#include "sim/kernel/scheduler_host.hpp"

#include "sim/kernel/account.hpp"
#include "sim/kernel/dispatch.hpp"
#include "sim/kernel/ticks.hpp"

#include <algorithm>
#include <array>

namespace switchyard::sim {

namespace {

class KernelHost final : public SchedulerHost {
public:
    explicit KernelHost(Kernel& kernel) : kernel_(kernel) {}

    Time now() const override { return kernel_.now(); }
    const SchedulerView& view() const override { return kernel_.view; }
    void reschedule(CoreId core) override { sim::reschedule(kernel_, core); }
    void set_performance(CoreId core, std::int64_t thousandths) override {
        sim::set_performance(kernel_, core, thousandths);
    }
    void moved(TaskId task, CoreId core) override { kernel_.task_views[task].core = core; }
    Duration burst_left(TaskId task) const override { return sim::burst_left(kernel_, task); }

    void action_changed(CoreId core) override {
        if (kernel_.cores[core].current != no_task) ask_for_action(kernel_, kernel_.cores[core]);
    }

    void set_timer(std::uint32_t number, Time at) override {
        std::vector<EventHandle>& timers = kernel_.scheduler_timers;
        if (number >= timers.size()) timers.resize(number + std::size_t{1});
        if (at == never) {
            kernel_.events.cancel(timers[number]);
        } else if (!kernel_.events.reschedule(timers[number], at)) {
            timers[number] = kernel_.events.schedule(at, {KernelEvent::Kind::scheduler, number});
        }
    }

private:
    Kernel& kernel_;
};

// A task's program seen from where it is, without executing it.
class Foresight {
public:
    Foresight(const Kernel& kernel, const Task& task)
        : kernel_(kernel), task_(task), program_(*task.program), at_(task.counter), depth_(task.depth) {
        std::copy_n(task.registers, depth_, rounds_.begin());
    }

    Duration burst() {
        Duration left{};
        bool in_progress = task_.phase != 0;
        bool met_job = false;
        for (int looked = 0; looked < most_foreseen; ++looked) {
            const Operation& operation = program_.code[at_];
            switch (operation.kind) {
            case OperationKind::compute:
                left += in_progress ? Duration{task_.remaining} : Duration{drawn(operation)};
                ++at_;
                break;
            case OperationKind::repeat: enter_loop(operation); break;
            case OperationKind::repeat_end:
                if (--rounds_[depth_ - 1] > 0)
                    at_ = operation.target;
                else
                    --depth_, ++at_;
                break;
            case OperationKind::yield:
            case OperationKind::system_call:
            case OperationKind::release: ++at_; break;
            case OperationKind::fork:
            case OperationKind::clone:
            case OperationKind::spawn: at_ = operation.target; break;
            case OperationKind::job: // the one it is at, or its first one, which begins at once; not one after that
                if (looked > 0 && (task_.had_job || met_job)) return left;
                met_job = true;
                ++at_;
                break;
            default: return left;
            }
            in_progress = false;
        }
        return left;
    }

private:
    // What the operation will draw; in a loop, what its first round draws stands for all.
    std::int64_t drawn(const Operation& operation) const {
        const Distribution& amount = program_.amounts[operation.amount];
        if (amount.is_constant()) return amount.value;
        const std::int64_t executed = task_.registers[program_.repeat_depth + program_.slots.size() + at_];
        return sample(amount, {kernel_.scenario->seed, task_.drawing_task, task_.drawing_instance, at_,
                               static_cast<std::uint64_t>(executed)});
    }

    void enter_loop(const Operation& operation) {
        const std::int64_t times = drawn(operation);
        if (times > 0) rounds_[depth_++] = times;
        at_ = times > 0 ? at_ + 1 : operation.target;
    }

    const Kernel& kernel_;
    const Task& task_;
    const Program& program_;
    std::uint32_t at_;
    std::uint32_t depth_;
    std::array<std::int64_t, most_repeat_depth> rounds_{};
};

// What of the stretch in progress has been done by now.
Duration done_of_stretch(const Kernel& kernel, const Core& core) {
    if (core.activity != Activity::busy || !core.preemptible) return Duration::zero();
    const Time now = kernel.now();
    const bool ticks = kernel.tick_period > Duration::zero();
    const Duration in_ticks = ticks ? kernel.tick_cost * ticks_between(kernel, core.start, now) : Duration::zero();
    return work_of_time(core, std::max(now - core.start - in_ticks, Duration::zero()));
}

} // namespace

std::shared_ptr<SchedulerHost> make_scheduler_host(Kernel& kernel) { return std::make_shared<KernelHost>(kernel); }

Duration burst_left(const Kernel& kernel, TaskId id) {
    const Task* task = &kernel.tasks[id];
    if (task->loop != nothing) { // a carrier: as far as whom it carries is concerned
        const TaskId carried = kernel.loops[task->loop].current;
        if (carried == no_task) return Duration::zero();
        task = &kernel.tasks[carried];
    }
    if (task->program == nullptr || task->ended) return Duration::zero();
    const Duration left = Foresight(kernel, *task).burst();
    if (kernel.tasks[id].state != State::running) return left;
    return std::max(left - done_of_stretch(kernel, kernel.cores[kernel.task_views[id].core]), Duration::zero());
}

} // namespace switchyard::sim
