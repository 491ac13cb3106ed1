#include "sim/sched/mlfq.hpp"

#include "models/units/text.hpp"
#include "sim/sched/policies.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace switchyard::sim {

// Level number n's queue is queue number n: `dispatch` looks into the top one first, and it preempts the others.

std::string Mlfq::description() const {
    std::string text = "mlfq, quanta";
    for (const Level& level : options_.levels)
        text += fmt::format(" {}x{}", level.allotment, exact_text(level.quantum));
    if (options_.boost > Duration::zero()) text += ", boost " + exact_text(options_.boost);
    if (options_.woken_to_front) text += ", the woken to the front";
    if (options_.wait_refills) text += ", waiting refills";
    return text;
}

void Mlfq::init(PolicyHost& host) {
    for (std::size_t level = 0; level < options_.levels.size(); ++level)
        host.create_queue({.order = QueueOrder::first_come, .preemptive = true});
}

void Mlfq::init_task(PolicyHost&, TaskId task) {
    if (task >= jobs_.size()) jobs_.resize(task + std::size_t{1});
    jobs_[task] = {.level = 0, .quantum = {}, .allotment = 0, .boosts = boosts_};
    refill(jobs_[task]);
}

void Mlfq::refill(Job& job) const {
    job.quantum = options_.levels[job.level].quantum;
    job.allotment = options_.levels[job.level].allotment;
}

// What the task knows of itself, boosted if that has happened since it was last looked at.
Mlfq::Job& Mlfq::job(TaskId task) {
    Job& job = jobs_[task];
    if (job.boosts == boosts_) return job;
    job.boosts = boosts_;
    job.level = 0;
    refill(job);
    return job;
}

Mlfq::Standing Mlfq::standing(TaskId task) const {
    const Job& job = jobs_[task];
    if (job.boosts != boosts_) return {0, options_.levels.front().allotment};
    return {job.level, job.allotment};
}

void Mlfq::stopping(PolicyHost& host, TaskId task, CoreId, bool runnable) {
    Job& mine = jobs_[task];
    if (mine.boosts == boosts_) mine.quantum = host.slice_left(task); // else boosted at this very instant
    Job& stopped = job(task);
    const bool used_up = stopped.quantum == Duration::zero();
    if (!runnable && options_.wait_refills) refill(stopped);
    if (!used_up) return;
    if (--stopped.allotment == 0) {
        stopped.level = std::min(stopped.level + 1, options_.levels.size() - 1);
        refill(stopped);
    }
    stopped.quantum = options_.levels[stopped.level].quantum;
}

void Mlfq::enqueue(PolicyHost& host, TaskId task, Enqueue why) {
    watch_clock(host);
    const Job& ready = job(task);
    const QueueId queue = static_cast<QueueId>(ready.level);
    const bool to_front = why == Enqueue::woken && options_.woken_to_front;
    if (to_front) // whom it preempts within its level is put back first, behind it
        if (const TaskId running = host.kernel().view().current[host.task(task).core];
            running != no_task && jobs_[running].boosts == boosts_ && jobs_[running].level == ready.level)
            host.end_slice(host.task(task).core);
    if (to_front || why == Enqueue::preempted)
        host.insert_at_head(queue, task, ready.quantum);
    else
        host.insert(queue, task, ready.quantum);
}

// --- Boosts ------------------------------------------------------------------------------------------------------

std::int64_t Mlfq::boosts_by(Time at) const {
    return watching_ || options_.boost == Duration::zero() ? boosts_ : at.time_since_epoch() / options_.boost;
}

// There is somebody to boost. What was missed while there was nobody ready has come to pass for those that waited.
void Mlfq::watch_clock(PolicyHost& host) {
    if (watching_ || options_.boost == Duration::zero()) return;
    boosts_ = boosts_by(host.now());
    watching_ = true;
    host.kernel().set_timer(0, checked_add(Time{}, checked_multiply(options_.boost, boosts_ + 1)));
}

void Mlfq::timer(PolicyHost& host, std::uint32_t) {
    bool anybody = false;
    for (CoreId core = 0; core < host.cores(); ++core) {
        anybody |= host.kernel().view().current[core] != no_task;
        host.end_slice(core); // to the head of its level
    }
    const ReadyQueues& queues = host.queues();
    const std::size_t levels = options_.levels.size();
    ++boosts_;
    const auto move_up = [&](QueueId from, std::size_t count) {
        for (; count > 0; --count) {
            const TaskId task = queues.first(from);
            host.insert(0, task, job(task).quantum);
            anybody = true;
        }
    };
    move_up(0, queues.size(0));
    for (std::size_t level = levels - 1; level > 0; --level) {
        const QueueId from = static_cast<QueueId>(level);
        move_up(from, queues.size(from));
    }
    watching_ = anybody;
    if (anybody) host.kernel().set_timer(0, checked_add(host.now(), options_.boost));
}

namespace {
constexpr std::array mlfq_parameters{
    ParameterDescription{"quanta", ParameterType::times, "10ms 20ms 40ms", "of each level, the top one's first"},
    ParameterDescription{"allotments", ParameterType::count, "1",
                         "quanta after which a task drops a level: one number for all levels, or one for each"},
    ParameterDescription{"boost", ParameterType::time, "1s", "how often all tasks return to the top; 0s: never"},
    ParameterDescription{"woken_to_front", ParameterType::flag, "no",
                         "whether a task that has waited goes to the head of its level and preempts within it"},
    ParameterDescription{"wait_refills", ParameterType::flag, "no",
                         "whether a task that waits gets a fresh quantum and allotment at its level"},
};

Mlfq::Options mlfq_options(const Parameters& given) {
    constexpr std::int64_t most = 1'000'000;
    const std::vector<Duration> quanta = given.times("quanta");
    const std::vector<std::int64_t> allotments = given.counts("allotments", 1, most);
    if (allotments.size() != 1 && allotments.size() != quanta.size())
        given.refuse("allotments",
                     fmt::format("there are {} levels (quanta) and {} allotments: give one for all, or one "
                                 "for each",
                                 quanta.size(), allotments.size()));
    Mlfq::Options options;
    for (std::size_t level = 0; level < quanta.size(); ++level)
        options.levels.push_back({quanta[level], allotments[allotments.size() == 1 ? 0 : level]});
    options.boost = given.time("boost");
    options.woken_to_front = given.flag("woken_to_front");
    options.wait_refills = given.flag("wait_refills");
    return options;
}
} // namespace

const SchedulerDescription mlfq_policy{
    .name = "mlfq",
    .about = "multi-level feedback queue: who uses up its allotment at a level drops to the next, and all are boosted",
    .source = "Corbato, Merwin-Daggett, Daley 1962: An Experimental Time-Sharing System; Arpaci-Dusseau: Operating "
              "Systems: Three Easy Pieces, ch. 8 (mlfq.py)",
    .parameters = mlfq_parameters,
    .make_policy = [](const Parameters& given) -> std::unique_ptr<Policy> {
        return std::make_unique<Mlfq>(mlfq_options(given));
    },
};

} // namespace switchyard::sim
