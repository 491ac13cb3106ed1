#include "sim/sched/fair/bandwidth.hpp"

#include "sim/sched/fair/hierarchy.hpp"

#include <algorithm>

namespace switchyard::sim {

namespace {

constexpr Nanoseconds kept_runtime = 1 * milliseconds;       // min_cfs_rq_runtime
constexpr Nanoseconds too_late_for_slack = 2 * milliseconds; // min_bandwidth_expiration
constexpr Nanoseconds slack_period = 5 * milliseconds;       // cfs_bandwidth_slack_period

Bandwidth& bandwidth_of(FairState& fair, const FairQueue& queue) { return fair.groups[queue.group].bandwidth; }

FairQueueId id_of(const FairState& fair, const FairQueue& queue) {
    return static_cast<FairQueueId>(&queue - fair.queues.data());
}

void refill(Bandwidth& bandwidth) {
    bandwidth.runtime = std::min(bandwidth.runtime + bandwidth.quota, bandwidth.quota + bandwidth.burst);
}

void start_period(FairState& fair, std::uint32_t group, Nanoseconds now) {
    Bandwidth& bandwidth = fair.groups[group].bandwidth;
    if (bandwidth.timer_runs) return;
    bandwidth.timer_runs = true;
    if (bandwidth.expires <= now)
        bandwidth.expires += ((now - bandwidth.expires) / bandwidth.period + 1) * bandwidth.period;
    fair.host.set_timer(period_timer(group), instant(bandwidth.expires));
}

// Takes from the group what brings the queue up to `target`, as far as there is; whether it may run.
bool assign(FairState& fair, FairQueue& queue, Nanoseconds target, Nanoseconds now) {
    Bandwidth& bandwidth = bandwidth_of(fair, queue);
    start_period(fair, queue.group, now);
    if (bandwidth.runtime > 0) {
        const Nanoseconds amount = std::min(bandwidth.runtime, target - queue.runtime_remaining);
        bandwidth.runtime -= amount;
        bandwidth.idle = false;
        queue.runtime_remaining += amount;
    }
    return queue.runtime_remaining > 0;
}

TaskCounts counts_of(const FairQueue& queue) {
    return {static_cast<std::int32_t>(queue.tasks), static_cast<std::int32_t>(queue.delayed_tasks),
            static_cast<std::int32_t>(queue.idle_tasks)};
}

void throttle(FairState& fair, FairQueue& queue, Nanoseconds now) {
    const TaskCounts counts = counts_of(queue);
    const TaskCounts gone{-counts.tasks, -counts.delayed, -counts.idle};
    Entity* at = &fair.entities[queue.entity];
    bool leaves = true;
    // What is above is as it was if the queue throttles while its entity is on its way in or out.
    for (; at != nullptr && at->on_queue; at = fair.parent_of(*at)) {
        FairQueue& above = fair.queue_of(*at);
        if (leaves) {
            leaves = dequeue_entity(fair, above, *at, {true, true, at->delayed}, now) && above.load == 0;
        }
        count_tasks(fair, above, gone, now);
        if (above.throttled) break;
    }
    queue.throttled = true;
    Bandwidth& bandwidth = bandwidth_of(fair, queue);
    queue.next_throttled = no_fair_queue;
    const FairQueueId id = id_of(fair, queue);
    (bandwidth.first_throttled == no_fair_queue ? bandwidth.first_throttled
                                                : fair.queues[bandwidth.last_throttled].next_throttled) = id;
    bandwidth.last_throttled = id;
}

// The queue goes on; it has been taken off the list.
void unthrottle(FairState& fair, FairQueue& queue, Nanoseconds now) {
    queue.throttled = false;
    if (queue.load == 0) return;
    const TaskCounts counts = counts_of(queue);
    Entity* at = &fair.entities[queue.entity];
    bool joins = true;
    for (; at != nullptr; at = fair.parent_of(*at)) {
        FairQueue& above = fair.queue_of(*at);
        if (joins && at->delayed) {
            static_cast<void>(dequeue_entity(fair, above, *at, {true, false, true}, now));
        } else if (at->on_queue) {
            joins = false;
        }
        if (joins) enqueue_entity(fair, above, *at, {false, true, false}, now);
        count_tasks(fair, above, counts, now);
        if (above.throttled) break;
    }
    fair.by_core[queue.core].action_changed = true;
    // An idle core looks again; elsewhere the next tick will see who is there.
    if (fair.host.view().current[queue.core] == no_task && fair.root_of(queue.core).entities > 0)
        fair.host.reschedule(queue.core);
}

// Gives throttled queues what they are short of, first come first served, and lets them go on.
void distribute(FairState& fair, Bandwidth& bandwidth, Nanoseconds now) {
    FairQueueId before = no_fair_queue;
    for (FairQueueId id = bandwidth.first_throttled; id != no_fair_queue && bandwidth.runtime > 0;) {
        FairQueue& queue = fair.queues[id];
        const FairQueueId next = queue.next_throttled;
        const Nanoseconds amount = std::min(bandwidth.runtime, 1 - queue.runtime_remaining);
        bandwidth.runtime -= amount;
        queue.runtime_remaining += amount;
        if (queue.runtime_remaining > 0) {
            (before == no_fair_queue ? bandwidth.first_throttled : fair.queues[before].next_throttled) = next;
            if (bandwidth.last_throttled == id) bandwidth.last_throttled = before;
            unthrottle(fair, queue, now);
        } else {
            before = id;
        }
        id = next;
    }
}

// Whether the period is over before `within` has passed.
bool ends_within(const Bandwidth& bandwidth, Nanoseconds within, Nanoseconds now) {
    return bandwidth.expires - now < within;
}

} // namespace

void init_bandwidth(Bandwidth& bandwidth, const Group& description) {
    bandwidth.quota = nanoseconds(description.quota);
    bandwidth.period = nanoseconds(description.period);
    bandwidth.burst = nanoseconds(description.burst);
    refill(bandwidth);
}

void account_cfs_rq_runtime(FairState& fair, FairQueue& queue, Nanoseconds ran, Nanoseconds now) {
    if (!queue.bounded) return;
    queue.runtime_remaining -= ran;
    if (queue.runtime_remaining > 0 || queue.throttled) return;
    if (!assign(fair, queue, fair.bandwidth_slice, now) && queue.current != no_entity) reschedule(fair, queue);
}

bool throttle_without_runtime(FairState& fair, FairQueue& queue, Nanoseconds now) {
    if (queue.throttled) return true;
    if (assign(fair, queue, 1, now)) return false; // somebody has given some back
    throttle(fair, queue, now);
    return true;
}

void check_enqueue_throttle(FairState& fair, FairQueue& queue, Nanoseconds now) {
    if (!queue.bounded || queue.current != no_entity || queue.throttled) return;
    account_cfs_rq_runtime(fair, queue, 0, now);
    check_cfs_rq_runtime(fair, queue, now);
}

void return_cfs_rq_runtime(FairState& fair, FairQueue& queue, Nanoseconds now) {
    if (!queue.bounded || queue.entities > 0) return;
    const Nanoseconds slack = queue.runtime_remaining - kept_runtime;
    if (slack <= 0) return;
    Bandwidth& bandwidth = bandwidth_of(fair, queue);
    queue.runtime_remaining -= slack;
    bandwidth.runtime += slack;
    if (bandwidth.runtime <= fair.bandwidth_slice || bandwidth.first_throttled == no_fair_queue) return;
    if (bandwidth.slack_started || ends_within(bandwidth, slack_period + too_late_for_slack, now)) return;
    bandwidth.slack_started = true;
    fair.host.set_timer(slack_timer(queue.group), instant(now + slack_period));
}

void end_period(FairState& fair, std::uint32_t group, Nanoseconds now) {
    Bandwidth& bandwidth = fair.groups[group].bandwidth;
    const bool throttled = bandwidth.first_throttled != no_fair_queue;
    refill(bandwidth);
    if (bandwidth.idle && !throttled) {
        bandwidth.timer_runs = false;
        return;
    }
    bandwidth.expires += bandwidth.period;
    fair.host.set_timer(period_timer(group), instant(bandwidth.expires));
    bandwidth.idle = !throttled;
    if (throttled) distribute(fair, bandwidth, now);
}

void hand_out_slack(FairState& fair, std::uint32_t group, Nanoseconds now) {
    Bandwidth& bandwidth = fair.groups[group].bandwidth;
    bandwidth.slack_started = false;
    if (ends_within(bandwidth, too_late_for_slack, now)) return;
    if (bandwidth.runtime > fair.bandwidth_slice) distribute(fair, bandwidth, now);
}

} // namespace switchyard::sim
