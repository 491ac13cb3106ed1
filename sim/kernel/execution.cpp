#include "sim/kernel/execution.hpp"

#include "sim/kernel/diagnosis.hpp"
#include "sim/kernel/dispatch.hpp"
#include "sim/kernel/synchronisation.hpp"

#include <fmt/format.h>

namespace switchyard::sim {

Step go_to(const Execution& e, std::uint32_t counter) {
    Task& task = e.task();
    task.counter = counter;
    task.phase = 0;
    return Step::next;
}

Step done(const Execution& e) { return go_to(e, e.task().counter + 1); }

Step spend_in_kernel(const Execution& e, Duration length, std::uint8_t phase) {
    e.task().phase = phase;
    if (length == Duration::zero()) return Step::next;
    return pass_or_spend(e.kernel, e.core, length, TimeCategory::kernel, false) ? Step::next : Step::spent;
}

Step enter_kernel(const Execution& e, Duration length) { return spend_in_kernel(e, length, 1); }

Duration system_call(const Execution& e) {
    ++e.kernel.counters.system_calls;
    return charge(e.kernel, Cost::system_call);
}

Duration futex_call(const Execution& e, bool is_shared) {
    const Duration call = system_call(e) + charge(e.kernel, Cost::futex);
    return is_shared ? call + charge(e.kernel, Cost::futex_shared) / 2 : call;
}

// Real-time tasks' timers are exact (hrtimer_nanosleep, kernel/time/hrtimer.c).
Duration lateness_of_timer(Kernel& kernel, TaskId thread) {
    const Scheduling& scheduling = *kernel.task_views[thread].scheduling;
    const bool is_real_time = scheduling.policy == LinuxPolicy::fifo || scheduling.policy == LinuxPolicy::rr ||
                              scheduling.policy == LinuxPolicy::deadline;
    Duration late = charge(kernel, Cost::sleep_overshoot);
    if (!is_real_time) late += scheduling.timer_slack ? *scheduling.timer_slack : charge(kernel, Cost::timer_slack);
    const Duration after = kernel.cost[static_cast<std::size_t>(Cost::timer_wake_up_idle)];
    return std::max(late - after, Duration::zero());
}

std::int64_t draw(const Execution& e) {
    Task& task = e.task();
    const Program& program = *task.program;
    const Distribution& amount = program.amounts[e.operation().amount];
    if (amount.is_constant()) return amount.value;
    if (e.operation().of_request) {
        if (task.request == no_request)
            throw InputError(fmt::format("{} has no request in hand whose '{}' it could use",
                                         described(e.kernel, e.actor),
                                         e.kernel.scenario->request_amounts[e.operation().slot].name));
        return sample(amount, request_key(e.kernel.scenario->seed, e.operation().slot, task.request));
    }
    std::int64_t& executed = task.registers[program.repeat_depth + program.slots.size() + task.counter];
    return sample(amount, {e.kernel.scenario->seed, task.drawing_task, task.drawing_instance, task.counter,
                           static_cast<std::uint64_t>(executed++)});
}

std::int64_t& named_child(const Execution& e) {
    Task& task = e.task();
    return task.registers[task.program->repeat_depth + e.operation().slot];
}

Duration cost_of_waking(const Execution& e, TaskId waiter, bool is_shared) {
    if (!wakes_thread(e.kernel, waiter, e.actor)) return Duration::zero();
    return futex_call(e, is_shared) + charge(e.kernel, Cost::wake_up);
}

Step block(const Execution& e, WaitFor what, std::uint32_t object) {
    Kernel& kernel = e.kernel;
    const Time now = kernel.now();
    if (e.actor != e.thread) {
        kernel.loops[kernel.tasks[e.thread].loop].blocked_since = now;
        Task& carried = e.task();
        move_to(carried.state, State::blocked);
        carried.since = now;
        carried.wait = WaitFor::carrier;
    }
    Task& thread = kernel.tasks[e.thread];
    move_to(thread.state, State::blocked);
    thread.since = now;
    thread.wait = what;
    thread.object = object;
    leave_core(kernel, e.core, Stop::blocked);
    return Step::left;
}

Step suspend(const Execution& e, WaitFor what, std::uint32_t object) {
    Kernel& kernel = e.kernel;
    Task& task = e.task();
    move_to(task.state, State::blocked);
    task.since = kernel.now();
    task.wait = what;
    task.object = object;
    if (what != WaitFor::task) ++kernel.counters.callbacks; // once it has come
    hand_over(e, Stop::blocked);
    return Step::next;
}

void hand_over(const Execution& e, Stop why) {
    EventLoop& loop = e.kernel.loops[e.kernel.tasks[e.thread].loop];
    leave_word(e, Meeting::carrier, e.thread);
    loop.previous = loop.current;
    loop.current = no_task;
    record(e.kernel,
           {e.kernel.now(), 0, e.actor, e.thread, e.core, EventKind::suspended, static_cast<std::uint8_t>(why), 0});
}

} // namespace switchyard::sim
