// A kernel small enough to be seen through, for testing the fair class: cores without costs, ticks, and tasks that run
// and sleep as a function says.
#pragma once

#include "sim/sched/fair/fair_class.hpp"

#include <algorithm>
#include <cassert>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace switchyard::sim {

// How long a task runs, then how long it sleeps; a run of `forever` does not end, a sleep of `forever` is its end.
struct Burst {
    Duration run;
    Duration sleep;
};
inline constexpr Duration forever = Duration::max();
using Behaviour = std::function<Burst()>;

inline Behaviour hog() {
    return [] { return Burst{forever, {}}; };
}
inline Behaviour periodic(Duration run, Duration sleep) {
    return [=] { return Burst{run, sleep}; };
}

struct TaskPlan {
    Scheduling scheduling{};
    Behaviour behaviour = hog();
    std::uint32_t group = no_group;
    std::vector<CoreId> allowed{};
    CoreId core = 0;
};

class FakeKernel final : public SchedulerHost {
public:
    FakeKernel(const FairParameters& parameters, CoreId cores, std::uint32_t hz = 250, std::vector<Group> groups = {},
               std::uint32_t first_session = no_group)
        : FakeKernel(parameters, Topology(cores), hz, std::move(groups), first_session) {}
    FakeKernel(const FairParameters& parameters, const Topology& topology, std::uint32_t hz = 250,
               std::vector<Group> groups = {}, std::uint32_t first_session = no_group)
        : groups_(std::move(groups)),
          cores_(topology.cores()),
          current_(topology.cores(), no_task),
          seen_(topology.cores(), no_task),
          period_(hz == 0 ? Duration::zero() : Duration{1'000'000'000'000 / hz}) {
        view_.groups = groups_;
        view_.first_session = first_session == no_group ? static_cast<std::uint32_t>(groups_.size()) : first_session;
        view_.current = current_;
        fair_ = std::make_unique<FairClass>(parameters, *this, topology, hz);
    }

    // What happened: a task got a core, or lost it.
    struct Switch {
        Time at;
        CoreId core;
        TaskId task; // no_task: idle
        friend bool operator==(const Switch&, const Switch&) = default;
    };
    std::vector<Switch> switches;
    bool records = true;
    std::function<void()> after_each_event = [] {};
    std::uint64_t dispatches = 0;
    std::uint64_t migrations = 0;

    TaskId add(TaskPlan plan, CoreId creator = no_core) {
        const auto id = static_cast<TaskId>(tasks_.size());
        plans_.push_back(std::move(plan));
        Task& task = tasks_.emplace_back();
        task.behaviour = plans_.back().behaviour;
        task.left = task.behaviour();
        SchedulerView::TaskView view;
        view.core = plans_.back().core;
        view.allowed = plans_.back().allowed;
        view.scheduling = &plans_.back().scheduling;
        view.group = plans_.back().group;
        views_.push_back(view);
        view_.tasks = views_;
        fair_->task_new(id);
        make_ready(id, Enqueue::created, creator);
        settle();
        return id;
    }

    // Wakes a task that sleeps, from a core.
    void wake(TaskId task, CoreId waker = no_core, Enqueue why = Enqueue::woken) {
        tasks_[task].wakes = never;
        make_ready(task, why, waker);
        settle();
    }

    void yield(CoreId core) {
        account(core);
        const TaskId task = current_[core];
        fair_->yield_task(core, task, now_);
        put(core, Enqueue::yielded);
        settle();
    }

    // Of a task that has not ended: the class knows no other.
    void change(TaskId task, const std::function<void(Scheduling&)>& how) {
        assert(!ended(task));
        how(plans_[task].scheduling);
        fair_->attributes_changed(task, now_);
        settle();
    }

    void run_until(Time end) {
        while (true) {
            const Time next = next_event();
            if (next > end) break;
            now_ = next;
            step();
        }
        now_ = end;
        for (CoreId core = 0; core < cores_.size(); ++core) account(core);
    }
    void run_for(Duration length) { run_until(now_ + length); }

    [[nodiscard]] Duration cpu(TaskId task) const { return tasks_[task].cpu; }
    [[nodiscard]] bool sleeps(TaskId task) const { return tasks_[task].state == State::asleep; }
    [[nodiscard]] bool ended(TaskId task) const { return tasks_[task].state == State::ended; }
    [[nodiscard]] TaskId running(CoreId core) const { return current_[core]; }
    [[nodiscard]] CoreId core_of(TaskId task) const { return views_[task].core; }
    [[nodiscard]] FairClass& fair() { return *fair_; }
    [[nodiscard]] const FairState& state() const { return fair_->state(); }
    // Of a task that has not ended.
    [[nodiscard]] const Entity& entity(TaskId task) const {
        assert(!ended(task));
        return state().entities[state().entity_of_task[task]];
    }

    [[nodiscard]] Time now() const override { return now_; }
    [[nodiscard]] const SchedulerView& view() const override { return view_; }
    void reschedule(CoreId core) override { cores_[core].flagged = true; }
    void action_changed(CoreId core) override {
        if (current_[core] != no_task) ask(core);
    }
    void set_timer(std::uint32_t number, Time at) override {
        if (number >= timers_.size()) timers_.resize(number + std::size_t{1}, never);
        timers_[number] = at;
        next_timer_ = *std::min_element(timers_.begin(), timers_.end());
    }
    void set_performance(CoreId, std::int64_t) override {}
    void moved(TaskId task, CoreId core) override {
        views_[task].core = core;
        ++migrations;
    }
    [[nodiscard]] Duration burst_left(TaskId task) const override { return tasks_[task].left.run; }

private:
    enum class State : std::uint8_t { asleep, ready, running, ended };
    struct Task {
        Behaviour behaviour;
        Burst left{};
        State state = State::asleep;
        Time wakes = never;
        Duration cpu{};
    };
    struct Core {
        Time since{};
        Time burst_ends = never;
        Time action = never;
        bool flagged = false;
        bool to_ask = false; // next_action: it has been switched, somebody has joined, or it has acted
    };

    Time next_event() const {
        Time next = next_timer_;
        for (const Core& core : cores_) next = std::min({next, core.burst_ends, core.action});
        if (!sleepers_.empty()) next = std::min(next, sleepers_.begin()->first);
        return next;
    }

    void account(CoreId id) {
        Core& core = cores_[id];
        if (current_[id] == no_task) return;
        Task& task = tasks_[current_[id]];
        task.cpu += now_ - core.since;
        if (task.left.run != forever) task.left.run -= now_ - core.since;
        core.since = now_;
    }

    void record(CoreId core) {
        if (!records || seen_[core] == current_[core]) return;
        switches.push_back({now_, core, current_[core]});
        seen_[core] = current_[core];
    }

    void vacate(CoreId id) {
        current_[id] = no_task;
        cores_[id] = {now_, never, never, false, false};
    }

    void put(CoreId core, Enqueue why) {
        account(core);
        const TaskId task = current_[core];
        tasks_[task].state = State::ready;
        vacate(core);
        fair_->put_prev_task(core, task, why, now_);
    }

    void pick(CoreId id) {
        const TaskId next = fair_->pick_task(id, now_);
        if (next == no_task) return record(id);
        assert(tasks_[next].state == State::ready);
        assert(views_[next].core == id);
        current_[id] = next;
        tasks_[next].state = State::running;
        cores_[id].since = now_;
        cores_[id].burst_ends = tasks_[next].left.run == forever ? never : now_ + tasks_[next].left.run;
        fair_->set_next_task(id, next, now_);
        cores_[id].to_ask = true;
        ++dispatches;
        record(id);
    }

    void block(CoreId id) {
        const TaskId task = current_[id];
        const Duration sleep = tasks_[task].left.sleep;
        vacate(id);
        tasks_[task].state = State::asleep;
        static_cast<void>(fair_->dequeue_task(id, task, now_));
        if (sleep == forever) {
            tasks_[task].state = State::ended;
            fair_->task_dead(task);
        } else {
            tasks_[task].wakes = now_ + sleep;
            sleepers_.emplace(now_ + sleep, task);
        }
        record(id);
    }

    void make_ready(TaskId task, Enqueue why, CoreId waker) {
        tasks_[task].state = State::ready;
        const CoreId core = fair_->select_task_rq(task, why, waker, now_);
        if (why == Enqueue::woken_in_passing) why = Enqueue::woken;
        if (why == Enqueue::woken) tasks_[task].left = tasks_[task].behaviour();
        assert(may_run_on(views_[task], core));
        if (views_[task].core != core) ++migrations;
        views_[task].core = core;
        fair_->enqueue_task(core, task, why, now_);
        cores_[core].to_ask = true;
        if (current_[core] != no_task && fair_->wakeup_preempt(core, task, now_)) cores_[core].flagged = true;
        if (current_[core] == no_task) pick(core);
        after_each_event();
    }

    void step() {
        for (CoreId core = 0; core < cores_.size(); ++core) {
            if (cores_[core].burst_ends > now_) continue;
            account(core);
            block(core);
            after_each_event();
        }
        while (next_timer_ <= now_) {
            const auto number =
                static_cast<std::uint32_t>(std::min_element(timers_.begin(), timers_.end()) - timers_.begin());
            set_timer(number, never);
            fair_->timer(number, now_);
            after_each_event();
        }
        while (!sleepers_.empty() && sleepers_.begin()->first <= now_) {
            const TaskId task = sleepers_.begin()->second;
            const bool due = tasks_[task].wakes == sleepers_.begin()->first && tasks_[task].state == State::asleep;
            sleepers_.erase(sleepers_.begin());
            if (due) make_ready(task, Enqueue::woken, no_core);
        }
        for (CoreId core = 0; core < cores_.size(); ++core) {
            if (cores_[core].action > now_) continue;
            if (fair_->task_tick(core, now_)) cores_[core].flagged = true;
            cores_[core].action = never;
            cores_[core].to_ask = true;
            after_each_event();
        }
        settle();
    }

    // Idle cores pick, flagged ones reschedule, which may flag others; and where anything has changed it is asked when
    // that core acts next.
    void settle() {
        do settle_once();
        while (std::ranges::any_of(cores_, &Core::flagged));
        for (CoreId core = 0; core < cores_.size(); ++core) {
            if (current_[core] != no_task && cores_[core].to_ask) ask(core);
            cores_[core].to_ask = false;
        }
    }

    void settle_once() {
        for (CoreId core = 0; core < cores_.size(); ++core) {
            if (current_[core] == no_task) {
                cores_[core].flagged = false;
                pick(core);
            } else if (cores_[core].flagged) {
                cores_[core].flagged = false;
                put(core, Enqueue::preempted);
                after_each_event();
                pick(core);
            }
            after_each_event();
        }
    }

    void ask(CoreId core) {
        const Action action = fair_->next_action(core, now_);
        cores_[core].action = action.at_tick ? tick_from(action.at) : action.at;
    }

    Time tick_from(Time at) const {
        if (at == never || period_ == Duration::zero()) return at;
        const std::int64_t over = at.time_since_epoch().count() % period_.count();
        return over == 0 ? at : at + (period_ - Duration{over});
    }

    std::vector<Group> groups_;
    std::deque<TaskPlan> plans_;
    std::vector<Task> tasks_;
    std::vector<SchedulerView::TaskView> views_;
    std::vector<Core> cores_;
    std::vector<TaskId> current_;
    std::vector<TaskId> seen_; // as last recorded
    std::vector<Time> timers_;
    Time next_timer_ = never;
    std::multimap<Time, TaskId> sleepers_;
    SchedulerView view_;
    Time now_{};
    Duration period_;
    std::unique_ptr<FairClass> fair_;
};

} // namespace switchyard::sim
