// The constant bandwidth server: each task has a server of its own, which is promised `runtime` in every `period` and
// takes part in earliest deadline first with a deadline of its own. A task that wants more than it was promised moves
// its own deadline, and so disturbs nobody. Abeni and Buttazzo 1998, "Integrating multimedia applications in hard
// real-time systems", RTSS; on several cores all servers share all of them (Baruah, Goossens and Lipari 2002,
// "Implementing constant-bandwidth servers upon multiprocessor platforms", RTAS).
//
// The paper's rules, for a server with budget c, deadline d, promised Q in every T:
// - a job comes at r while the server has none: if c >= (d - r) Q / T, then d = r + T and c = Q; else both stay;
// - a job comes while it has one: it is served after it, with the budget and the deadline there are;
// - c has become 0: c = Q and d = d + T at once.
// A task without runtime or period has no server and only runs when no other wants to.
#include "models/units/wide_integer.hpp"
#include "sim/sched/policies.hpp"
#include "sim/sched/ranked_policy.hpp"

#include <vector>

namespace switchyard::sim {

namespace {
class ConstantBandwidth final : public RankedPolicy {
public:
    using RankedPolicy::RankedPolicy;
    std::string description() const override { return "cbs"; }
    void init_task(PolicyHost&, TaskId task) override {
        if (task >= servers_.size()) servers_.resize(task + std::size_t{1});
        servers_[task] = {};
    }
    void enqueue(PolicyHost& host, TaskId task, Enqueue why) override {
        const Scheduling& promised = *host.task(task).scheduling;
        if (!has_server(promised)) return put(host, queue(), task);
        Server& server = servers_[task];
        if (server.budget <= Duration::zero()) replenish(server, promised);
        if (why == Enqueue::created || why == Enqueue::woken) wake(server, promised, host.now());
        put(host, queue(), task, server.budget);
    }
    void stopping(PolicyHost& host, TaskId task, CoreId, bool) override {
        servers_[task].budget = host.slice_left(task);
    }
    bool counts_slices() const override { return true; } // budget is spent whether anybody else waits or not

protected:
    std::int64_t key(PolicyHost&, TaskId id, const SchedulerView::TaskView& task) override {
        return has_server(*task.scheduling) ? servers_[id].deadline.time_since_epoch().count() : last_of_all;
    }

private:
    struct Server {
        Duration budget{};
        Time deadline{};
    };

    static bool has_server(const Scheduling& promised) {
        return promised.runtime > Duration::zero() && promised.period > Duration::zero();
    }
    static void replenish(Server& server, const Scheduling& promised) {
        server.budget = promised.runtime;
        server.deadline = checked_add(server.deadline, promised.period);
    }
    static void wake(Server& server, const Scheduling& promised, Time now) {
        const Duration until = server.deadline - now;
        if (until > Duration::zero() && WideInteger{server.budget.count()} * promised.period.count() <
                                            WideInteger{until.count()} * promised.runtime.count())
            return;
        server.deadline = checked_add(now, promised.period);
        server.budget = promised.runtime;
    }

    std::vector<Server> servers_; // by task
};
} // namespace

const SchedulerDescription constant_bandwidth_policy{
    .name = "cbs",
    .about =
        "constant bandwidth servers: each task gets its runtime in every period, by earliest deadline, and no harm "
        "is done by one that wants more",
    .source = "Abeni, Buttazzo 1998: Integrating multimedia applications in hard real-time systems",
    .parameters = ranked_parameters,
    .make_policy = make_ranked<ConstantBandwidth>,
};

} // namespace switchyard::sim
