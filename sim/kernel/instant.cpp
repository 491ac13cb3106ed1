#include "sim/kernel/instant.hpp"

#include "sim/kernel/channels.hpp"
#include "sim/kernel/dispatch.hpp"
#include "sim/kernel/jobs.hpp"
#include "sim/kernel/operations_of_devices.hpp"
#include "sim/kernel/ticks.hpp"

#include <algorithm>

namespace switchyard::sim {

static void handle(Kernel& kernel, const KernelEvent& event) {
    switch (event.kind) {
    case KernelEvent::Kind::scheduler:
        kernel.order_changed = true; // as likely as not
        return kernel.scheduler->timer(event.subject, kernel.now());
    case KernelEvent::Kind::timer:
    case KernelEvent::Kind::arrival: return make_ready(kernel, event.subject, no_task);
    case KernelEvent::Kind::arrival_over_link: return on_arrival(kernel, event.subject);
    case KernelEvent::Kind::room_over_link: return on_room_returned(kernel, event.subject);
    case KernelEvent::Kind::device: return end_device_operation(kernel, event.subject);
    case KernelEvent::Kind::abortion: return abort_job(kernel, event.subject);
    }
}

// Time comes to the instant, from the one before.
static void begin_instant(Kernel& kernel, Time before, Time instant, Time limit) {
    if (instant != before) kernel.operations_this_instant = 0;
    kernel.events.advance_to(instant);
    note_next_tick(kernel);
    kernel.passed_at_once = 0;
    kernel.limit = limit;
}

static void end_instant(Kernel& kernel) {
    if (!kernel.cores_to_run.empty() || kernel.order_changed) run_cores(kernel);
}

std::uint64_t next_instant(Kernel& kernel, Time limit) {
    if (kernel.tasks.has_retired()) kernel.tasks.reuse_retired();
    if (kernel.processes.has_retired()) kernel.processes.reuse_retired();
    const Time before = kernel.now();
    AlarmSet& alarms = kernel.core_events;
    const Time event = kernel.events.next_time();
    const Time instant = std::min(alarms.next_time(), event);
    if (instant > limit || (alarms.empty() && kernel.events.empty())) return 0;
    kernel.due_cores.clear();
    if (instant < event) {
        const auto core = static_cast<CoreId>(alarms.pop());
        if (alarms.next_time() != instant || alarms.empty()) { // as a rule: one core, and nothing else
            begin_instant(kernel, before, instant, limit);
            on_core_event(kernel, core);
            end_instant(kernel);
            return 1;
        }
        kernel.due_cores.push_back(core);
    }
    // All that is due is known before any of it happens: what comes to be due at this instant comes after it.
    kernel.due.clear();
    if (event == instant)
        while (const auto next = kernel.events.pop(instant)) kernel.due.push_back(next->payload);
    if (kernel.due.size() > 1) std::ranges::stable_sort(kernel.due, {}, &KernelEvent::kind);
    while (alarms.next_time() == instant && !alarms.empty())
        kernel.due_cores.push_back(static_cast<CoreId>(alarms.pop()));
    begin_instant(kernel, before, instant, limit);
    for (const CoreId core : kernel.due_cores) on_core_event(kernel, core);
    for (const KernelEvent& happening : kernel.due) handle(kernel, happening);
    end_instant(kernel);
    return kernel.due_cores.size() + kernel.due.size();
}

} // namespace switchyard::sim
