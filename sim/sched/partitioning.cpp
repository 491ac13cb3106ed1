#include "sim/sched/partitioning.hpp"

#include "models/errors.hpp"
#include "models/units/text.hpp"
#include "models/units/wide_integer.hpp"
#include "sim/sched/policy.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace switchyard::sim {

// Whether `a` needs more of a core than `b`.
static bool needs_more(const Scheduling& a, const Scheduling& b) {
    if (a.period == Duration::zero() || b.period == Duration::zero()) return a.period > b.period; // they need nothing
    return WideInteger{a.runtime.count()} * b.period.count() > WideInteger{b.runtime.count()} * a.period.count();
}

Partitioning::Partitioning(const Parameters& given, const SchedulerMachine& machine)
    : where_(given.where("partition")) {
    const std::size_t rule = given.word("partition"); // 0: none
    decreasing_ = given.word("partition_order") == 0;
    if (rule == 0) return;
    rule_ = static_cast<PackingRule>(rule - 1);
    std::vector<std::uint32_t> speeds;
    for (CoreId core = 0; core < machine.cores; ++core) speeds.push_back(machine.topology->speed(core));
    packing_.emplace(speeds, rule_);
}

std::string Partitioning::description() const {
    if (!packing_) return "";
    static constexpr std::array names{"first fit", "best fit", "worst fit"};
    return fmt::format(", partitioned by {}{}", decreasing_ ? "decreasing " : "",
                       names[static_cast<std::size_t>(rule_)]);
}

void Partitioning::add(PolicyHost& host, TaskId task) {
    if (!packing_) return;
    if (task >= cores_.size()) cores_.resize(task + std::size_t{1}, no_core);
    if (begun_)
        bind(host, task);
    else
        unbound_.push_back(task);
}

void Partitioning::remove(PolicyHost& host, TaskId task) {
    if (!packing_) return;
    std::erase(unbound_, task);
    const Scheduling& needs = *host.task(task).scheduling;
    if (cores_[task] != no_core && needs.period > Duration::zero())
        packing_->remove(cores_[task], needs.runtime, needs.period);
}

CoreId Partitioning::core_of(PolicyHost& host, TaskId task) {
    if (!begun_) {
        begun_ = true;
        if (decreasing_)
            std::ranges::stable_sort(unbound_, [&](TaskId a, TaskId b) {
                return needs_more(*host.task(a).scheduling, *host.task(b).scheduling);
            });
        for (const TaskId each : unbound_) bind(host, each);
        unbound_ = {};
    }
    return cores_[task];
}

void Partitioning::bind(PolicyHost& host, TaskId task) {
    const SchedulerView::TaskView& view = host.task(task);
    const Scheduling& needs = *view.scheduling;
    const bool is_periodic = needs.period > Duration::zero();
    if (is_periodic && needs.runtime == Duration::zero())
        throw InputError(fmt::format("task number {} has a period of {} but no runtime: to bind it to a core, say how "
                                     "long its jobs take at most, or write 'partition: none'",
                                     task + 1, exact_text(needs.period)),
                         where_);
    const auto core = packing_->place(is_periodic ? needs.runtime : Duration::zero(),
                                      is_periodic ? needs.period : Duration{1}, view.allowed);
    if (!core) {
        double most = 0;
        for (CoreId each = 0; each < host.cores(); ++each)
            if (may_run_on(view, each)) most = std::max(most, packing_->room(each));
        throw InputError(
            fmt::format("the tasks do not fit on {} core{}{}: task number {} needs {} every {}, and none it "
                        "may run on has more than {:.1f} % of a core left; give it more cores, another "
                        "'partition', or 'partition: none'",
                        host.cores(), host.cores() == 1 ? "" : "s", description(), task + 1, exact_text(needs.runtime),
                        exact_text(needs.period), 100 * most),
            where_);
    }
    cores_[task] = static_cast<CoreId>(*core);
}

} // namespace switchyard::sim
