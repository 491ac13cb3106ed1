// Where tasks that are ready wait for a core: sched_ext's dispatch queues, first in first out or by rank.
//
// Tasks whose affinities differ wait in the same queue and yet do not stand in each other's way: a queue keeps those of
// each distinct affinity apart and compares their first ones, so that taking the first task a core may run costs
// O(log n) and the number of distinct affinities (usually one), however many tasks other cores have waiting.
//
// In a queue by rank the foremost few of an affinity stand in a list, in order, and the others in a heap behind them:
// who preempts, and who is preempted, comes and goes at the head, where a comparison or two find its place.
#pragma once

#include "sim/sched/scheduling_class.hpp"

#include <cstdint>
#include <limits>
#include <map>
#include <vector>

namespace switchyard::sim {

// Which queue of a set.
using QueueId = std::uint32_t;
inline constexpr QueueId no_queue = ~QueueId{0};

enum class QueueOrder : std::uint8_t { first_come, by_rank };

// The order in a queue by rank: the smallest goes first. Equals go in the order they came (`last` may say otherwise),
// and one that was preempted keeps its place.
struct Rank {
    std::int64_t key = 0;
    std::int64_t then = 0;
    std::int64_t last = std::numeric_limits<std::int64_t>::min(); // smallest: by the order of coming

    friend auto operator<=>(const Rank&, const Rank&) = default;
};

// A set of queues, each task in at most one of them. Allocates only when tasks, queues or affinities grow in number.
class ReadyQueues {
public:
    explicit ReadyQueues(CoreId cores) : cores_(cores) {}

    QueueId add_queue(QueueOrder order);
    [[nodiscard]] QueueId queues() const { return static_cast<QueueId>(queues_.size()); }

    // Makes the task known: its affinity (empty: every core) counts from now on.
    void introduce(TaskId task, std::span<const CoreId> allowed);

    // Puts a task that is in no queue at the tail, the head, or where its rank belongs. `keeps_place`: it was in a
    // queue by rank before and its equals that came after it stay behind it.
    void push_back(QueueId queue, TaskId task);
    void push_front(QueueId queue, TaskId task);
    void push(QueueId queue, TaskId task, Rank rank, bool keeps_place) {
        if (rank.last == Rank{}.last) rank.last = keeps_place ? places_[task].rank.last : back_++;
        places_[task].rank = rank;
        join_by_rank(queue, task);
    }
    void remove(TaskId task);

    // Removes the first task of the queue that may run on `core`, and returns it; no_task: there is none.
    TaskId take_first_for(QueueId queue, CoreId core) {
        const TaskId task = first_for(queue, core);
        if (task != no_task) remove(task);
        return task;
    }

    // The first task of the queue that may run on `core`; of all tasks in it.
    [[nodiscard]] TaskId first_for(QueueId queue, CoreId core) const {
        const Queue& chosen = queues_[queue];
        if (chosen.size == 0) return no_task;
        if (unbound_) return chosen.parts.front().first;
        return first_of_affinities(chosen, core);
    }
    [[nodiscard]] TaskId first(QueueId queue) const;

    // The first task of the queue of each affinity: `visit(task, allowed)`, an empty affinity being every core.
    template <class Visit>
    void for_each_first(QueueId queue, Visit visit) const {
        const std::vector<CoreId>* allowed = affinities_.data();
        for (const Part& part : queues_[queue].parts) {
            if (part.first != no_task) visit(part.first, std::span<const CoreId>(*allowed));
            ++allowed;
        }
    }

    // All tasks of a queue, first come first served in order; `visit` may not change the queue.
    template <class Visit>
    void for_each(QueueId queue, Visit visit) const {
        for (const Part& part : queues_[queue].parts) {
            for (TaskId task = part.first; task != no_task; task = places_[task].next) visit(task);
            for (const Entry& entry : part.heap) visit(entry.task);
        }
    }

    [[nodiscard]] std::size_t size(QueueId queue) const { return queues_[queue].size; }
    [[nodiscard]] bool empty(QueueId queue) const { return queues_[queue].size == 0; }
    [[nodiscard]] QueueId queue_of(TaskId task) const { return places_[task].queue; }
    [[nodiscard]] Rank rank_of(TaskId task) const { return places_[task].rank; }

private:
    static constexpr std::uint32_t most_in_list = 8;            // of a queue by rank
    static constexpr std::uint32_t in_list = ~std::uint32_t{0}; // as a position in the heap

    struct Entry { // of a heap
        Rank rank;
        TaskId task;
    };
    struct Part { // the tasks of one affinity; none of the heap goes before one of the list
        TaskId first = no_task;
        TaskId last = no_task;
        std::uint32_t listed = 0; // by rank: how many are in the list; none only where none is in the heap
        std::vector<Entry> heap;
    };
    struct Queue {
        QueueOrder order;
        std::size_t size = 0;
        std::vector<Part> parts; // by affinity
    };
    struct Place {
        TaskId next = no_task; // in a list
        TaskId previous = no_task;
        QueueId queue = no_queue;
        std::uint32_t affinity = 0;
        std::uint32_t position = in_list; // in a heap
        Rank rank;                        // in a list: `last` says who came first
    };

    Part& part_for(QueueId queue, TaskId task);
    [[nodiscard]] TaskId first_of_affinities(const Queue& queue, CoreId core) const;
    [[nodiscard]] bool allows(std::size_t affinity, CoreId core) const {
        return allowed_[affinity].empty() || allowed_[affinity][core];
    }
    [[nodiscard]] TaskId earlier(TaskId a, TaskId b) const {
        return b == no_task || (a != no_task && places_[a].rank < places_[b].rank) ? a : b;
    }
    void link(Part& part, TaskId before, TaskId task); // no_task: at the tail
    void unlink(Part& part, TaskId task);
    void join_by_rank(QueueId queue, TaskId task);
    void push_heap(Part& part, TaskId task);
    void remove_from_heap(Part& part, std::size_t position);
    void put(Part& part, std::size_t position, const Entry& entry);
    void sift_up(Part& part, std::size_t position, const Entry& entry);
    void sift_down(Part& part, std::size_t position, const Entry& entry);

    CoreId cores_;
    std::vector<Queue> queues_;
    std::vector<Place> places_; // by task
    std::vector<std::vector<CoreId>> affinities_;
    std::vector<std::vector<bool>> allowed_; // by affinity and core; empty: every core
    std::map<std::vector<CoreId>, std::uint32_t> known_;
    bool unbound_ = true;     // no task known is bound to some cores
    std::int64_t back_ = 0;   // sequence numbers: of the latest at a tail,
    std::int64_t front_ = -1; // and at a head
};

} // namespace switchyard::sim
