#include "sim/kernel/operations_of_devices.hpp"

#include "sim/kernel/dispatch.hpp"
#include "sim/kernel/operations.hpp"
#include "sim/kernel/synchronisation.hpp"

#include <algorithm>

namespace switchyard::sim {

namespace {

// How far an `io` has come. What the device has to say puts the task into the last two, from wherever it is.
enum Phase : std::uint8_t {
    begin,
    asked, // the call that asks is over
    waiting,
    polling,
    waiting_for_room,
    fetched,
    may_ask_again,
    is_done,
};

TaskId thread_of(const Kernel& kernel, TaskId task) {
    return is_carried(kernel.tasks[task].kind) ? kernel.tasks[task].carrier : task;
}

// The task is told, in whatever way it waits.
void tell(Kernel& kernel, TaskId id, Phase phase) {
    Task& task = kernel.tasks[id];
    if (task.ended) return;
    const bool polls = task.phase == polling;
    task.phase = phase;
    const TaskId thread = thread_of(kernel, id);
    if (task.state == State::blocked) return make_ready(kernel, task.wait == WaitFor::carrier ? thread : id, no_task);
    if (polls && kernel.tasks[thread].state == State::running &&
        kernel.cores[kernel.task_views[thread].core].preemptible)
        cut_stretch(kernel, thread);
}

void begin_service(Kernel& kernel, std::uint32_t device, const DeviceOperation& operation) {
    Devices& all = *kernel.devices;
    if (all.unused.empty()) {
        all.unused.push_back(static_cast<std::uint32_t>(all.in_service.size()));
        all.in_service.emplace_back();
    }
    const std::uint32_t place = all.unused.back();
    all.unused.pop_back();
    all.in_service[place] = {operation.task, device};
    static_cast<void>(kernel.events.schedule_after(operation.service, {KernelEvent::Kind::device, place}));
}

// The device takes the operation, or the kernel keeps it until it does.
void give_to_device(const Execution& e) {
    Kernel& kernel = e.kernel;
    const std::uint32_t id = e.operation().object;
    const DeviceOperation operation{e.actor, Duration{draw(e)}};
    ++kernel.counters.device_operations;
    if (begin_operation(kernel.scenario->devices[id], kernel.devices->states[id], operation))
        begin_service(kernel, id, operation);
}

void tell_next_refused(Kernel& kernel, std::uint32_t device) {
    Devices& all = *kernel.devices;
    std::vector<TaskId>& refused = all.want_to_retry[device];
    if (refused.empty() || !has_room(kernel.scenario->devices[device], all.states[device])) return;
    const TaskId first = refused.front();
    refused.erase(refused.begin());
    tell(kernel, first, may_ask_again);
}

// --- Polling -----------------------------------------------------------------------------------------------------

// Asking the device's descriptor, besides the system call: what an eventfd's takes.
Duration look_at_descriptor(Kernel& kernel) { return charge(kernel, Cost::eventfd_transfer) / 2; }

// One call after another, as long as it takes: `remaining` says how much of a day of it is left.
Step poll(const Execution& e) {
    Task& task = e.task();
    task.phase = polling;
    spend(e.kernel, e.core, Duration{task.remaining}, TimeCategory::kernel, true);
    return Step::spent;
}

Step begin_to_poll(const Execution& e) {
    e.task().remaining = unlimited_spin.count();
    return poll(e);
}

void count_polling(const Execution& e, Duration time) {
    std::optional<Duration>& polling = e.kernel.rows[e.task().row].polling;
    polling = polling.value_or(Duration::zero()) + time;
}

// What has been spent came to so many calls in vain and a part of one more; what is left of that one.
Duration count_polls(const Execution& e) {
    Kernel& kernel = e.kernel;
    const Duration used = unlimited_spin - Duration{e.task().remaining};
    const Duration call = charge(kernel, Cost::system_call) + look_at_descriptor(kernel);
    const bool is_free = call == Duration::zero();
    const auto calls = static_cast<std::uint64_t>(is_free ? (used > call ? 1 : 0) : used / call);
    kernel.counters.polls += calls;
    kernel.counters.system_calls += calls;
    e.task().remaining = 0;
    count_polling(e, used);
    return is_free ? call : call - used % call;
}

// The last call of them, which is not in vain.
Step finish_poll(const Execution& e, Phase next) {
    const Duration left = count_polls(e);
    ++e.kernel.counters.system_calls;
    count_polling(e, left);
    return spend_in_kernel(e, left, next);
}

// --- Readiness ---------------------------------------------------------------------------------------------------

bool has_event_loop(const Execution& e) { return e.actor != e.thread; }

// Epoll is told what is waited for; a thread without an event loop enters epoll_wait itself.
Step register_with_epoll(const Execution& e, Phase next) {
    Duration length = system_call(e) + charge(e.kernel, Cost::epoll_control);
    if (!has_event_loop(e)) length += system_call(e) + charge(e.kernel, Cost::epoll_wait);
    return spend_in_kernel(e, length, next);
}

// --- The styles --------------------------------------------------------------------------------------------------

Step wait_for_device(const Execution& e, Phase phase) {
    e.task().phase = phase;
    const std::uint32_t device = e.operation().object;
    const bool is_suspended = has_event_loop(e) && e.operation().style != WaitStyle::blocking;
    return is_suspended ? suspend(e, WaitFor::device, device) : block(e, WaitFor::device, device);
}

Step ask(const Execution& e) {
    const bool by_ring = e.operation().style == WaitStyle::completion;
    const Duration more = by_ring ? charge(e.kernel, Cost::io_uring_submit) : Duration::zero();
    return spend_in_kernel(e, system_call(e) + more, asked);
}

Step refuse(const Execution& e) {
    Kernel& kernel = e.kernel;
    kernel.devices->want_to_retry[e.operation().object].push_back(e.actor);
    if (e.operation().style == WaitStyle::readiness) return register_with_epoll(e, waiting_for_room);
    ++kernel.counters.polls;
    return begin_to_poll(e);
}

} // namespace

Step io(const Execution& e) {
    Kernel& kernel = e.kernel;
    Task& task = e.task();
    const std::uint32_t id = e.operation().object;
    const WaitStyle style = e.operation().style;
    const bool may_be_refused = style == WaitStyle::polling || style == WaitStyle::readiness;
    switch (task.phase) {
    case begin: return ask(e);
    case asked:
        if (may_be_refused && !has_room(kernel.scenario->devices[id], kernel.devices->states[id])) return refuse(e);
        give_to_device(e);
        if (style == WaitStyle::polling) return begin_to_poll(e);
        if (style == WaitStyle::readiness) return register_with_epoll(e, waiting);
        return wait_for_device(e, waiting);
    case waiting:
    case waiting_for_room: return wait_for_device(e, static_cast<Phase>(task.phase));
    case polling:
        if (task.remaining <= 0) { // a day of it is over
            static_cast<void>(count_polls(e));
            return begin_to_poll(e);
        }
        return poll(e);
    case may_ask_again:
        if (style == WaitStyle::polling) return finish_poll(e, asked); // this call asks, and is heard
        return ask(e);
    case is_done:
        if (style == WaitStyle::polling) return finish_poll(e, fetched);
        if (style == WaitStyle::readiness)
            return spend_in_kernel(e, system_call(e) + look_at_descriptor(kernel), fetched);
        if (style == WaitStyle::completion)
            return spend_in_kernel(e, charge(kernel, Cost::io_uring_completion), fetched);
        return done(e);
    default: return done(e);
    }
}

std::shared_ptr<Devices> create_devices(const Scenario& scenario) {
    if (scenario.devices.empty()) return nullptr;
    auto made = std::make_shared<Devices>();
    made->states.resize(scenario.devices.size());
    made->want_to_retry.resize(scenario.devices.size());
    return made;
}

void end_device_operation(Kernel& kernel, std::uint32_t place) {
    Devices& all = *kernel.devices;
    const Devices::InService ended = all.in_service[place];
    all.unused.push_back(place);
    if (const std::optional<DeviceOperation> next = end_service(all.states[ended.device]))
        begin_service(kernel, ended.device, *next);
    tell(kernel, ended.task, is_done);
    tell_next_refused(kernel, ended.device);
}

void forget_refused(Kernel& kernel, TaskId id) {
    const Task& task = kernel.tasks[id];
    if (task.program == nullptr || task.ended) return;
    const Operation& operation = task.program->code[task.counter];
    if (operation.kind != OperationKind::io) return;
    std::erase(kernel.devices->want_to_retry[operation.object], id);
    // Room it was told of is another's now.
    if (task.phase == asked || task.phase == may_ask_again) tell_next_refused(kernel, operation.object);
}

} // namespace switchyard::sim
