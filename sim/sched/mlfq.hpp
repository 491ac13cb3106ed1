// The multi-level feedback queue: learns from how tasks behave which of them are interactive. Corbato, Merwin-Daggett
// and Daley 1962, "An Experimental Time-Sharing System"; Arpaci-Dusseau, Operating Systems: Three Easy Pieces, ch. "The
// Multi-Level Feedback Queue", whose rules and options these are (mlfq.py).
//
// A task comes in at the top level. The first of the highest level that is not empty runs, round robin with the level's
// quantum; one at a higher level preempts it at once, and it keeps the head of its level and the rest of its quantum. A
// level's allotment is counted in quanta that have been used up, in however many pieces: when it is gone the task drops
// a level. Every `boost`, at its multiples, all tasks return to the top with fresh quanta and allotments: those that
// are there stay in front, then come the others, the lowest level first.
#pragma once

#include "sim/sched/policy.hpp"

#include <vector>

namespace switchyard::sim {

class Mlfq final : public Policy {
public:
    struct Level {
        Duration quantum{};
        std::int64_t allotment = 1; // quanta
    };
    struct Options {
        std::vector<Level> levels;   // the top one first
        Duration boost{};            // 0: never
        bool woken_to_front = false; // a task that has waited goes to the head of its level, and preempts within it
        // A task that waits gets a fresh quantum and allotment: whoever waits just before its quantum ends stays where
        // it is for ever (the rules' first version, to be gamed).
        bool wait_refills = false;
    };
    explicit Mlfq(Options options) : options_(std::move(options)) {}

    std::string description() const override;
    void init(PolicyHost& host) override;
    void init_task(PolicyHost& host, TaskId task) override;
    void enqueue(PolicyHost& host, TaskId task, Enqueue why) override;
    void stopping(PolicyHost& host, TaskId task, CoreId core, bool runnable) override;
    void timer(PolicyHost& host, std::uint32_t number) override;
    bool counts_slices() const override { return true; }

    // Where a task stands: its level, 0 being the top one, and how many quanta it has left there.
    struct Standing {
        std::size_t level = 0;
        std::int64_t allotment = 0;
    };
    [[nodiscard]] Standing standing(TaskId task) const;
    // How many boosts there have been by then. While no task is ready they come to pass, but nothing is to be done.
    [[nodiscard]] std::int64_t boosts_by(Time at) const;

private:
    struct Job {
        std::size_t level = 0;
        Duration quantum{}; // left
        std::int64_t allotment = 0;
        std::int64_t boosts = 0; // that it knows of
    };
    Job& job(TaskId task);
    void refill(Job& job) const;
    void watch_clock(PolicyHost& host);

    Options options_;
    std::vector<Job> jobs_;
    std::int64_t boosts_ = 0;
    bool watching_ = false; // a timer is set for the next boost
};

} // namespace switchyard::sim
