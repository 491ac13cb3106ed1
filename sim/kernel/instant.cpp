#include "sim/kernel/instant.hpp"

#include "sim/kernel/channels.hpp"
#include "sim/kernel/dispatch.hpp"
#include "sim/kernel/jobs.hpp"

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
    case KernelEvent::Kind::abortion: return abort_job(kernel, event.subject);
    }
}

std::uint64_t next_instant(Kernel& kernel, Time limit) {
    const Time before = kernel.now();
    AlarmSet& alarms = kernel.core_events;
    const Time alarm = alarms.next_time();
    auto event = kernel.events.pop(std::min(alarm, limit));
    if (!event && (alarm > limit || alarms.empty())) return 0;
    const Time instant = event ? event->time : alarm;
    // All that is due is known before any of it happens: what comes to be due at this instant comes after it.
    kernel.due.clear();
    for (; event; event = kernel.events.pop(instant)) kernel.due.push_back(event->payload);
    if (kernel.due.size() > 1) std::ranges::stable_sort(kernel.due, {}, &KernelEvent::kind);
    kernel.due_cores.clear();
    while (alarms.next_time() == instant && !alarms.empty())
        kernel.due_cores.push_back(static_cast<CoreId>(alarms.pop()));
    kernel.events.advance_to(instant);
    if (instant != before) kernel.operations_this_instant = 0;
    for (const CoreId core : kernel.due_cores) on_core_event(kernel, core);
    for (const KernelEvent& happening : kernel.due) handle(kernel, happening);
    run_cores(kernel);
    return kernel.due_cores.size() + kernel.due.size();
}

} // namespace switchyard::sim
