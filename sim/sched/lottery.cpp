#include "sim/sched/lottery.hpp"

#include "models/units/text.hpp"
#include "sim/sched/policies.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace switchyard::sim {

std::string Lottery::description() const {
    return fmt::format("lottery, quantum {}{}", exact_text(quantum_), full_quanta_ ? ", full quanta" : "");
}

void Lottery::init(PolicyHost& host) {
    queue_ = host.create_queue({});
    held_until_.assign(host.cores(), Time{});
    if (!draws_) draws_ = scheduler_draws(host.kernel().view().seed);
}

void Lottery::init_task(PolicyHost& host, TaskId task) {
    const std::span<const CoreId> allowed = host.task(task).allowed;
    const auto same =
        std::ranges::find_if(pools_, [&](const Pool& pool) { return std::ranges::equal(pool.allowed, allowed); });
    if (task >= pool_of_.size()) pool_of_.resize(task + std::size_t{1});
    pool_of_[task] = static_cast<std::uint32_t>(same - pools_.begin());
    if (same == pools_.end()) pools_.push_back({{allowed.begin(), allowed.end()}, {}});
}

void Lottery::enqueue(PolicyHost& host, TaskId task, Enqueue) {
    host.insert(queue_, task, quantum_);
    pools_[pool_of_[task]].tickets.set(task, host.task(task).scheduling->tickets);
}

void Lottery::quiescent(PolicyHost&, TaskId task) { pools_[pool_of_[task]].tickets.set(task, 0); }

void Lottery::dispatch(PolicyHost& host, CoreId core) {
    if (host.now() < held_until_[core]) return;
    const auto takes_part = [&](const Pool& pool) {
        return pool.allowed.empty() || std::ranges::binary_search(pool.allowed, core);
    };
    std::int64_t in_play = 0;
    for (const Pool& pool : pools_)
        if (takes_part(pool)) in_play += pool.tickets.total();
    if (in_play == 0) return;
    const std::uint64_t random = draws_();
    last_ = {.random = random,
             .ticket = static_cast<std::int64_t>(random % static_cast<std::uint64_t>(in_play)),
             .in_play = in_play};
    ++drawn_;
    std::int64_t ticket = last_.ticket;
    for (Pool& pool : pools_) {
        if (!takes_part(pool)) continue;
        if (ticket >= pool.tickets.total()) {
            ticket -= pool.tickets.total();
            continue;
        }
        last_.winner = pool.tickets.owner(ticket);
        pool.tickets.set(last_.winner, 0);
        return host.move_task_to_local(core, last_.winner);
    }
}

void Lottery::stopping(PolicyHost& host, TaskId task, CoreId core, bool) {
    if (!full_quanta_ || host.slice_left(task) == Duration::zero()) return;
    held_until_[core] = host.now() + host.slice_left(task);
    host.kernel().set_timer(core, held_until_[core]);
}

void Lottery::timer(PolicyHost& host, std::uint32_t core) { host.kernel().reschedule(static_cast<CoreId>(core)); }

namespace {
constexpr std::array lottery_parameters{
    ParameterDescription{"quantum", ParameterType::time, "100ms", "how long a winner runs"},
    ParameterDescription{"full_quanta", ParameterType::flag, "no",
                         "whether the next draw waits for the end of a quantum whose winner is done early"},
};
} // namespace

const SchedulerDescription lottery_policy{
    .name = "lottery",
    .about = "every quantum a ticket is drawn, and its owner runs: shares in proportion to `tickets`, by chance",
    .source = "Waldspurger, Weihl 1994: Lottery Scheduling: Flexible Proportional-Share Resource Management",
    .parameters = lottery_parameters,
    .make_policy = [](const Parameters& given) -> std::unique_ptr<Policy> {
        return std::make_unique<Lottery>(given.positive_time("quantum"), given.flag("full_quanta"));
    },
};

} // namespace switchyard::sim
