#include "sim/sched/ready_queues.hpp"

#include <algorithm>
#include <cassert>

namespace switchyard::sim {

QueueId ReadyQueues::add_queue(QueueOrder order) {
    queues_.push_back({.order = order, .size = 0, .parts = {}});
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
    const std::size_t affinity = places_[task].affinity;
    if (affinity >= chosen.parts.size()) chosen.parts.resize(affinity + 1);
    places_[task].queue = queue;
    ++chosen.size;
    return chosen.parts[affinity];
}

void ReadyQueues::push_back(QueueId queue, TaskId task) {
    assert(queues_[queue].order == QueueOrder::first_come);
    Part& part = part_for(queue, task);
    Place& place = places_[task];
    place.rank = {0, 0, back_++};
    place.next = no_task;
    place.previous = part.last;
    (part.last == no_task ? part.first : places_[part.last].next) = task;
    part.last = task;
}

void ReadyQueues::push_front(QueueId queue, TaskId task) {
    assert(queues_[queue].order == QueueOrder::first_come);
    Part& part = part_for(queue, task);
    Place& place = places_[task];
    place.rank = {0, 0, front_--};
    place.next = part.first;
    place.previous = no_task;
    (part.first == no_task ? part.last : places_[part.first].previous) = task;
    part.first = task;
}

void ReadyQueues::push(QueueId queue, TaskId task, Rank rank, bool keeps_place) {
    assert(queues_[queue].order == QueueOrder::by_rank);
    if (rank.last == Rank{}.last) rank.last = keeps_place ? places_[task].rank.last : back_++;
    Part& part = part_for(queue, task);
    places_[task].rank = rank;
    part.entries.emplace_back();
    sift_up(part, part.entries.size() - 1, {rank, task});
}

void ReadyQueues::remove(TaskId task) {
    Place& place = places_[task];
    assert(place.queue != no_queue);
    Queue& queue = queues_[place.queue];
    Part& part = queue.parts[place.affinity];
    if (queue.order == QueueOrder::first_come) {
        (place.previous == no_task ? part.first : places_[place.previous].next) = place.next;
        (place.next == no_task ? part.last : places_[place.next].previous) = place.previous;
    } else {
        const Entry last = part.entries.back();
        part.entries.pop_back();
        if (last.task != task) {
            if (last.rank < place.rank)
                sift_up(part, place.position, last);
            else
                sift_down(part, place.position, last);
        }
    }
    place.queue = no_queue;
    --queue.size;
}

TaskId ReadyQueues::first_of_affinities(const Queue& queue, CoreId core) const {
    TaskId best = no_task;
    for (std::size_t affinity = 0; affinity < queue.parts.size(); ++affinity)
        if (allows(affinity, core)) best = earlier(best, front_of(queue, queue.parts[affinity]));
    return best;
}

TaskId ReadyQueues::first(QueueId queue) const {
    TaskId best = no_task;
    for (const Part& part : queues_[queue].parts) best = earlier(best, front_of(queues_[queue], part));
    return best;
}

// A 4-ary heap: a node's children share a line or two of the cache, and it is half as deep as a binary one.

void ReadyQueues::put(Part& part, std::size_t position, const Entry& entry) {
    part.entries[position] = entry;
    places_[entry.task].position = static_cast<std::uint32_t>(position);
}

void ReadyQueues::sift_up(Part& part, std::size_t position, const Entry& entry) {
    while (position > 0) {
        const std::size_t parent = (position - 1) / 4;
        if (!(entry.rank < part.entries[parent].rank)) break;
        put(part, position, part.entries[parent]);
        position = parent;
    }
    put(part, position, entry);
}

void ReadyQueues::sift_down(Part& part, std::size_t position, const Entry& entry) {
    const std::size_t size = part.entries.size();
    for (;;) {
        const std::size_t first = 4 * position + 1;
        if (first >= size) break;
        std::size_t least = first;
        for (std::size_t child = first + 1; child < std::min(first + 4, size); ++child)
            if (part.entries[child].rank < part.entries[least].rank) least = child;
        if (!(part.entries[least].rank < entry.rank)) break;
        put(part, position, part.entries[least]);
        position = least;
    }
    put(part, position, entry);
}

} // namespace switchyard::sim
