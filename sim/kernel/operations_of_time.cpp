// Operations that compute, sleep, yield and repeat.
#include "sim/kernel/cache_warmth.hpp"
#include "sim/kernel/dispatch.hpp"
#include "sim/kernel/life.hpp"
#include "sim/kernel/operations.hpp"


namespace switchyard::sim {

// Work may be interrupted anywhere; whoever goes on looks first what of its working set is still there.
Step compute(const Execution& e) {
    Task& task = e.task();
    if (task.phase == 0) {
        task.remaining = draw(e);
        task.phase = 1;
    }
    if (task.remaining <= 0) return done(e);
    if (e.operation().object != no_object)
        if (const Step step = warm_up(e); step != Step::next) return step;
    if (!pass_or_spend(e.kernel, e.core, Duration{task.remaining}, TimeCategory::work, true)) return Step::spent;
    task.remaining = 0;
    return Step::next;
}

Step sleep(const Execution& e) {
    Task& task = e.task();
    const bool alone = e.operation().asynchronous;
    if (task.phase == 0 && !alone) return enter_kernel(e, system_call(e));
    const Duration length = checked_add(Duration{draw(e)}, lateness_of_timer(e.kernel, e.thread));
    const TaskId sleeper = alone ? e.actor : e.thread;
    if (length == Duration::zero() && !alone) { // over before anybody is picked
        done(e);
        const Step step = block(e, WaitFor::time, nothing);
        make_ready(e.kernel, sleeper, no_task);
        return step;
    }
    e.kernel.tasks[sleeper].timer = e.kernel.events.schedule_after(length, {KernelEvent::Kind::timer, sleeper});
    done(e);
    return alone ? suspend(e, WaitFor::time, nothing) : block(e, WaitFor::time, nothing);
}

Step yield(const Execution& e) {
    Kernel& kernel = e.kernel;
    if (e.actor == e.thread) {
        if (e.task().phase == 0) return enter_kernel(e, system_call(e) + charge(kernel, Cost::yield));
        done(e);
        requeue(kernel, e.core, Enqueue::yielded);
        return Step::left;
    }
    done(e);
    const EventLoop& loop = kernel.loops[kernel.tasks[e.thread].loop];
    if (kernel.waiting.empty(loop.turns)) return Step::next; // nobody to hand over to
    Task& task = e.task();
    move_to(task.state, State::ready);
    task.since = kernel.now();
    task.stalled -= loop.blocked;
    kernel.waiting.push_back(loop.turns, e.actor);
    hand_over(e, Stop::yielded);
    return Step::next;
}

Step empty_system_call(const Execution& e) {
    if (e.task().phase == 0) return enter_kernel(e, system_call(e));
    return done(e);
}

Step repeat(const Execution& e) {
    Task& task = e.task();
    const std::int64_t times = draw(e);
    if (times <= 0) return go_to(e, e.operation().target);
    task.registers[task.depth++] = times;
    return done(e);
}

Step repeat_end(const Execution& e) {
    Task& task = e.task();
    if (--task.registers[task.depth - 1] > 0) return go_to(e, e.operation().target);
    --task.depth;
    return done(e);
}

} // namespace switchyard::sim
