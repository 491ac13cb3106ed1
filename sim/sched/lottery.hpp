// Lottery scheduling: every quantum a ticket is drawn, and its owner runs. Waldspurger and Weihl 1994, "Lottery
// Scheduling: Flexible Proportional-Share Resource Management", OSDI '94. What a task gets is in proportion to its
// tickets (Scheduling::tickets), in the long run and by chance.
//
// The tickets of those that are ready are in play, in the order in which tasks were created; who may not run on the
// core that draws does not take part. A winner that is done early leaves the rest of its quantum to the next draw, or,
// with `full_quanta`, to nobody.
#pragma once

#include "sim/sched/draw_source.hpp"
#include "sim/sched/policy.hpp"
#include "sim/sched/ticket_pool.hpp"

#include <vector>

namespace switchyard::sim {

class Lottery final : public Policy {
public:
    // `draws`: where the draws come from; by default they are of the scenario's seed.
    Lottery(Duration quantum, bool full_quanta, DrawSource draws = {})
        : quantum_(quantum), full_quanta_(full_quanta), draws_(std::move(draws)) {}

    std::string description() const override;
    void init(PolicyHost& host) override;
    void init_task(PolicyHost& host, TaskId task) override;
    void enqueue(PolicyHost& host, TaskId task, Enqueue why) override;
    void dispatch(PolicyHost& host, CoreId core) override;
    void stopping(PolicyHost& host, TaskId task, CoreId core, bool runnable) override;
    void quiescent(PolicyHost& host, TaskId task) override;
    void timer(PolicyHost& host, std::uint32_t core) override;
    bool counts_slices() const override { return true; }

    struct Draw {
        std::uint64_t random = 0;
        std::int64_t ticket = 0; // random modulo those in play
        std::int64_t in_play = 0;
        TaskId winner = no_task;
    };
    [[nodiscard]] std::uint64_t draws() const { return drawn_; }
    [[nodiscard]] const Draw& last_draw() const { return last_; }
    // Until when nobody runs on the core because its winner was done early.
    [[nodiscard]] Time held_until(CoreId core) const { return held_until_[core]; }

private:
    struct Pool { // of the tasks of one affinity
        std::vector<CoreId> allowed;
        TicketPool tickets;
    };

    Duration quantum_;
    bool full_quanta_;
    DrawSource draws_;
    QueueId queue_ = no_queue;
    std::vector<Pool> pools_;
    std::vector<std::uint32_t> pool_of_; // by task
    std::vector<Time> held_until_;       // by core
    std::uint64_t drawn_ = 0;
    Draw last_;
};

} // namespace switchyard::sim
