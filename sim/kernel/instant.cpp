#include "sim/kernel/instant.hpp"

#include "sim/kernel/dispatch.hpp"
#include "sim/kernel/jobs.hpp"

#include <algorithm>

namespace switchyard::sim {

static void handle(Kernel& kernel, const KernelEvent& event) {
    switch (event.kind) {
    case KernelEvent::Kind::core: return on_core_event(kernel, static_cast<CoreId>(event.subject));
    case KernelEvent::Kind::scheduler:
        kernel.order_changed = true; // as likely as not
        return kernel.scheduler->timer(event.subject, kernel.now());
    case KernelEvent::Kind::timer:
    case KernelEvent::Kind::arrival: return make_ready(kernel, event.subject, no_task);
    case KernelEvent::Kind::abortion: return abort_job(kernel, event.subject);
    }
}

std::uint64_t next_instant(Kernel& kernel, Time limit) {
    const auto first = kernel.events.pop(limit);
    if (!first) return 0;
    auto next = kernel.events.pop(first->time);
    if (!next) { // mostly
        handle(kernel, first->payload);
        run_cores(kernel);
        return 1;
    }
    std::vector<KernelEvent>& due = kernel.due;
    due.assign(1, first->payload);
    for (; next; next = kernel.events.pop(first->time)) due.push_back(next->payload);
    std::ranges::stable_sort(due, {}, &KernelEvent::kind);
    for (const KernelEvent& event : due) handle(kernel, event);
    run_cores(kernel);
    return due.size();
}

} // namespace switchyard::sim
