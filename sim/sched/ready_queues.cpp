#include "sim/sched/ready_queues.hpp"

#include <algorithm>
#include <cassert>

namespace switchyard::sim {

QueueId ReadyQueues::add_queue(QueueOrder order) {
    queues_.push_back({.order = order, .size = 0, .parts = std::vector<Part>(affinities_.size())});
    return static_cast<QueueId>(queues_.size() - 1);
}

void ReadyQueues::introduce(TaskId task, std::span<const CoreId> allowed) {
    if (task >= places_.size()) places_.resize(static_cast<std::size_t>(task) + 1);
    if (task > 0 && !affinities_.empty() && std::ranges::equal(affinities_.back(), allowed)) { // like the one before
        places_[task].affinity = static_cast<std::uint32_t>(affinities_.size() - 1);
        return;
    }
    const auto [entry, is_new] = known_.try_emplace(std::vector<CoreId>(allowed.begin(), allowed.end()),
                                                    static_cast<std::uint32_t>(affinities_.size()));
    if (is_new) {
        affinities_.push_back(entry->first);
        allowed_.emplace_back();
        for (Queue& queue : queues_) queue.parts.emplace_back();
        unbound_ = unbound_ && allowed.empty();
        if (!allowed.empty()) {
            allowed_.back().resize(cores_);
            for (const CoreId core : allowed) allowed_.back()[core] = true;
        }
    }
    places_[task].affinity = entry->second;
}

ReadyQueues::Part& ReadyQueues::part_for(QueueId queue, TaskId task) {
    assert(places_[task].queue == no_queue);
    Queue& chosen = queues_[queue];
    places_[task].queue = queue;
    ++chosen.size;
    return chosen.parts[places_[task].affinity];
}

// Before another one of the list; no_task: behind all.
void ReadyQueues::link(Part& part, TaskId before, TaskId task) {
    Place& place = places_[task];
    TaskId& to_the_left = before == no_task ? part.last : places_[before].previous;
    place.next = before;
    place.previous = to_the_left;
    (place.previous == no_task ? part.first : places_[place.previous].next) = task;
    to_the_left = task;
}

void ReadyQueues::unlink(Part& part, TaskId task) {
    const Place& place = places_[task];
    (place.previous == no_task ? part.first : places_[place.previous].next) = place.next;
    (place.next == no_task ? part.last : places_[place.next].previous) = place.previous;
}

void ReadyQueues::push_back(QueueId queue, TaskId task) {
    assert(queues_[queue].order == QueueOrder::first_come);
    places_[task].rank = {0, 0, back_++};
    link(part_for(queue, task), no_task, task);
}

void ReadyQueues::push_front(QueueId queue, TaskId task) {
    assert(queues_[queue].order == QueueOrder::first_come);
    places_[task].rank = {0, 0, front_--};
    Part& part = part_for(queue, task);
    link(part, part.first, task);
}

void ReadyQueues::join_by_rank(QueueId queue, TaskId task) {
    assert(queues_[queue].order == QueueOrder::by_rank);
    const Rank& rank = places_[task].rank;
    Part& part = part_for(queue, task);
    if (!part.heap.empty() && !(rank < places_[part.last].rank)) return push_heap(part, task);
    TaskId behind = part.first;
    while (behind != no_task && !(rank < places_[behind].rank)) behind = places_[behind].next;
    link(part, behind, task);
    if (++part.listed <= most_in_list) return;
    const TaskId last = part.last;
    unlink(part, last);
    --part.listed;
    push_heap(part, last);
}

void ReadyQueues::remove(TaskId task) {
    Place& place = places_[task];
    assert(place.queue != no_queue);
    Queue& queue = queues_[place.queue];
    Part& part = queue.parts[place.affinity];
    place.queue = no_queue;
    --queue.size;
    if (place.position != in_list) return remove_from_heap(part, place.position);
    unlink(part, task);
    if (queue.order == QueueOrder::first_come || --part.listed > 0 || part.heap.empty()) return;
    const TaskId next = part.heap.front().task;
    remove_from_heap(part, 0);
    link(part, no_task, next);
    part.listed = 1;
}

TaskId ReadyQueues::first_of_affinities(const Queue& queue, CoreId core) const {
    TaskId best = no_task;
    for (std::size_t affinity = 0; affinity < queue.parts.size(); ++affinity)
        if (allows(affinity, core)) best = earlier(best, queue.parts[affinity].first);
    return best;
}

TaskId ReadyQueues::first(QueueId queue) const {
    TaskId best = no_task;
    for (const Part& part : queues_[queue].parts) best = earlier(best, part.first);
    return best;
}

// A 4-ary heap: a node's children share a line or two of the cache, and it is half as deep as a binary one.

void ReadyQueues::push_heap(Part& part, TaskId task) {
    part.heap.emplace_back();
    sift_up(part, part.heap.size() - 1, {places_[task].rank, task});
}

void ReadyQueues::remove_from_heap(Part& part, std::size_t position) {
    const Entry removed = part.heap[position];
    const Entry last = part.heap.back();
    part.heap.pop_back();
    places_[removed.task].position = in_list;
    if (last.task == removed.task) return;
    if (last.rank < removed.rank)
        sift_up(part, position, last);
    else
        sift_down(part, position, last);
}

void ReadyQueues::put(Part& part, std::size_t position, const Entry& entry) {
    part.heap[position] = entry;
    places_[entry.task].position = static_cast<std::uint32_t>(position);
}

void ReadyQueues::sift_up(Part& part, std::size_t position, const Entry& entry) {
    while (position > 0) {
        const std::size_t parent = (position - 1) / 4;
        if (!(entry.rank < part.heap[parent].rank)) break;
        put(part, position, part.heap[parent]);
        position = parent;
    }
    put(part, position, entry);
}

void ReadyQueues::sift_down(Part& part, std::size_t position, const Entry& entry) {
    const std::size_t size = part.heap.size();
    for (;;) {
        const std::size_t first = 4 * position + 1;
        if (first >= size) break;
        std::size_t least = first;
        for (std::size_t child = first + 1; child < std::min(first + 4, size); ++child)
            if (part.heap[child].rank < part.heap[least].rank) least = child;
        if (!(part.heap[least].rank < entry.rank)) break;
        put(part, position, part.heap[least]);
        position = least;
    }
    put(part, position, entry);
}

} // namespace switchyard::sim
