// Round robin on several cores, with one queue for all or one for each, work stealing and caches that get warm:
// single-queue and multi-queue multiprocessor scheduling. Arpaci-Dusseau, Operating Systems: Three Easy Pieces, ch.
// "Multiprocessor Scheduling" (multi.py); Squillante and Lazowska 1993, "Using Processor-Cache Affinity Information in
// Shared-Memory Multiprocessor Scheduling", IEEE TPDS 4(2).
//
// Time goes in ticks; whatever happens to a core happens at one, and a task that ends between two keeps its core until
// the second. At each tick, in this order:
//   1. at multiples of the slice all cores are interrupted: their tasks go to the tails of their queues, core by core;
//   2. at multiples of the peek interval each core whose queue is empty looks at another's, by chance, and takes the
//   first
//      task that is not bound to cores (with one queue for all there is nothing to steal);
//   3. free cores take the first task they may run, core by core, or in an order drawn anew each tick;
//   4. and work for a tick, at the warm rate where the task is warm in the core's cache (warm_cache.hpp).
// New tasks are dealt to the queues in turn, as far as their affinities allow.
#pragma once

#include "sim/sched/draw_source.hpp"
#include "sim/sched/policy.hpp"
#include "sim/sched/warm_cache.hpp"

#include <functional>
#include <vector>

namespace switchyard::sim {

class MultiprocessorRoundRobin final : public Policy {
public:
    struct Options {
        Duration tick{};
        Duration slice{};
        bool queue_per_core = false;
        Duration peek{}; // 0: nobody steals
        bool random_order = false;
        Bytes cache;
        Duration warm_up{};
        std::int64_t cold_rate = 1; // times the core's speed
        std::int64_t warm_rate = 1;
    };
    // What is left to chance and to the order of arrival; where nothing is given, it is drawn of the scenario's seed,
    // and dealt.
    struct Choices {
        std::function<CoreId(CoreId thief)> victim;
        std::function<void(std::vector<CoreId>& order)> order; // shuffles the cores
        std::function<CoreId(TaskId task)> home;               // whose queue a new task joins
    };
    explicit MultiprocessorRoundRobin(const Options& options, Choices choices = {})
        : options_(options), choices_(std::move(choices)) {}

    std::string description() const override;
    void init(PolicyHost& host) override;
    void init_task(PolicyHost& host, TaskId task) override;
    CoreId select_cpu(PolicyHost& host, TaskId task, CoreId previous) override;
    void enqueue(PolicyHost& host, TaskId task, Enqueue why) override;
    void dispatch(PolicyHost& host, CoreId core) override;
    void running(PolicyHost& host, TaskId task, CoreId core) override;
    void stopping(PolicyHost& host, TaskId task, CoreId core, bool runnable) override;
    void quiescent(PolicyHost& host, TaskId task) override;
    void timer(PolicyHost& host, std::uint32_t number) override;

    // Whose tick it is on the core, even if it is done already; no_task: nobody's.
    [[nodiscard]] TaskId occupant(CoreId core) const { return cores_[core].occupant; }
    [[nodiscard]] bool is_warm(CoreId core, TaskId task) const { return cores_[core].cache.is_warm(task); }
    [[nodiscard]] QueueId queue_of(CoreId core) const { return options_.queue_per_core ? core : 0; }

private:
    struct Core {
        TaskId occupant = no_task;
        Time placed{}; // when it got the core
        WarmCache cache;
    };

    [[nodiscard]] CoreId deal(PolicyHost& host, TaskId task);
    void set_rate(PolicyHost& host, CoreId core);
    void end_tick(PolicyHost& host);
    void begin_tick(PolicyHost& host);
    void steal(PolicyHost& host);
    [[nodiscard]] bool is_multiple_of(Duration interval) const;
    void watch_clock(PolicyHost& host);

    Options options_;
    Choices choices_;
    std::vector<Core> cores_;
    std::vector<CoreId> home_;  // by task: whose queue it joins
    std::vector<CoreId> order_; // in which cores take tasks at this tick
    CoreId next_home_ = 0;
    Time tick_over_ = Time::min(); // when the latest one ended
    Time tick_ = Time::min();      // and when the latest one began
    bool watching_ = false;        // a timer is set for the next one
};

} // namespace switchyard::sim
