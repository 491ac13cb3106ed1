#include "sim/sched/fair/eevdf.hpp"

#include <algorithm>
#include <cassert>

namespace switchyard::sim {

namespace {

// Sums over all that compete: the tree, and who runs.
struct Sums {
    WideInteger weighted_vruntime;
    std::int64_t weight;
};

const Entity* running_in(const FairState& fair, const FairQueue& queue) {
    if (queue.current == no_entity) return nullptr;
    const Entity& current = fair.entities[queue.current];
    return current.on_queue ? &current : nullptr;
}

Sums sums_of(const FairState& fair, const FairQueue& queue) {
    Sums sums{queue.weighted_vruntime, queue.tree_weight};
    if (const Entity* current = running_in(fair, queue)) {
        sums.weighted_vruntime += static_cast<WideInteger>(current->vruntime - queue.zero) * current->whole_weight;
        sums.weight += current->whole_weight;
    }
    return sums;
}

// lag x factor / divisor, truncated.
Nanoseconds scaled(Nanoseconds lag, std::int64_t factor, std::int64_t divisor) {
    const WideInteger product = static_cast<WideInteger>(lag) * factor;
    if (const auto small = narrow(product)) return *small / divisor;
    return static_cast<Nanoseconds>(product / divisor);
}

// Rounded towards minus infinity; divisor > 0.
Nanoseconds floor_divide(WideInteger value, std::int64_t divisor) {
    if (value >= 0 && value < divisor) return 0; // the cheapest division
    if (value < 0) value -= divisor - 1;
    if (const auto small = narrow(value)) return *small / divisor;
    return static_cast<Nanoseconds>(value / divisor);
}

bool vruntime_eligible(const Sums& sums, Nanoseconds zero, Nanoseconds vruntime) {
    return sums.weighted_vruntime >= static_cast<WideInteger>(vruntime - zero) * sums.weight;
}

} // namespace

void avg_vruntime_add(FairQueue& queue, const Entity& entity) {
    queue.weighted_vruntime += static_cast<WideInteger>(entity.vruntime - queue.zero) * entity.whole_weight;
    queue.tree_weight += entity.whole_weight;
}

void avg_vruntime_sub(FairQueue& queue, const Entity& entity) {
    queue.weighted_vruntime -= static_cast<WideInteger>(entity.vruntime - queue.zero) * entity.whole_weight;
    queue.tree_weight -= entity.whole_weight;
}

Nanoseconds avg_vruntime(FairState& fair, FairQueue& queue) {
    Nanoseconds ahead = 0;
    const Entity* current = running_in(fair, queue);
    if (queue.tree_weight > 0) {
        const Sums sums = sums_of(fair, queue);
        ahead = floor_divide(sums.weighted_vruntime, sums.weight);
    } else if (current != nullptr) {
        ahead = current->vruntime - queue.zero;
    }
    queue.weighted_vruntime -= static_cast<WideInteger>(queue.tree_weight) * ahead;
    queue.zero += ahead;
    return queue.zero;
}

bool entity_eligible(const FairState& fair, const FairQueue& queue, const Entity& entity) {
    return vruntime_eligible(sums_of(fair, queue), queue.zero, entity.vruntime);
}

Nanoseconds virtual_time_eligible(const FairState& fair, const FairQueue& queue, const Entity& entity) {
    const Sums sums = sums_of(fair, queue);
    // It runs x: the sums grow by weight x, and its own side of the comparison by sums.weight x.
    const WideInteger ahead =
        sums.weighted_vruntime - static_cast<WideInteger>(entity.vruntime - queue.zero) * sums.weight;
    const std::int64_t others = sums.weight - entity.whole_weight;
    return ahead < 0 || others <= 0 ? 0 : floor_divide(ahead, others);
}

Nanoseconds virtual_time_until_overtaken(const FairState& fair, const FairQueue& queue, const Entity& entity) {
    constexpr Nanoseconds none = std::numeric_limits<Nanoseconds>::max();
    Nanoseconds least = none; // vruntime of those in question
    for (EntityId id = queue.root; id != no_entity;) {
        const Entity& node = fair.entities[id];
        if (node.key > entity.deadline) {
            id = node.left;
            continue;
        }
        least = std::min(least, node.vruntime);
        if (node.left != no_entity) least = std::min(least, fair.entities[node.left].min_vruntime);
        id = node.right;
    }
    if (least == none) return none;
    const Sums sums = sums_of(fair, queue);
    const WideInteger missing = static_cast<WideInteger>(least - queue.zero) * sums.weight - sums.weighted_vruntime;
    if (missing <= 0) return 0;
    return floor_divide(missing + entity.whole_weight - 1, entity.whole_weight);
}

Nanoseconds entity_lag(const FairState& fair, Nanoseconds average, const Entity& entity) {
    const Nanoseconds limit = entity.rate.virtual_time(std::max(2 * entity.slice, fair.tick));
    return std::clamp(average - entity.vruntime, -limit, limit);
}

Nanoseconds shortest_slice(const FairState& fair, const FairQueue& queue) {
    Nanoseconds shortest = std::numeric_limits<Nanoseconds>::max();
    if (const Entity* current = running_in(fair, queue)) shortest = current->slice;
    if (queue.root != no_entity) shortest = std::min(shortest, fair.entities[queue.root].min_slice);
    return shortest;
}

void place_entity(FairState& fair, FairQueue& queue, Entity& entity, bool is_new) {
    const Nanoseconds average = avg_vruntime(fair, queue);
    if (!entity.custom_slice) entity.slice = fair.base_slice;
    Nanoseconds request = entity.rate.virtual_time(entity.slice);
    Nanoseconds lag = 0;
    if (fair.parameters.place_lag && queue.entities > 0) {
        // Joining moves the average towards the entity; so much more lag leaves it with what it is due.
        const std::int64_t weight = std::max<std::int64_t>(1, sums_of(fair, queue).weight);
        lag = scaled(entity.lag, weight + entity.whole_weight, weight);
    }
    entity.vruntime = average - lag;
    if (fair.parameters.place_rel_deadline && entity.relative_deadline) {
        entity.deadline += entity.vruntime;
        entity.relative_deadline = false;
        return;
    }
    if (fair.parameters.place_deadline_initial && is_new) request /= 2;
    entity.deadline = entity.vruntime + request;
}

bool update_deadline(FairState& fair, FairQueue& queue, Entity& entity) {
    if (entity.vruntime < entity.deadline) return false;
    if (!entity.custom_slice) entity.slice = fair.base_slice;
    entity.deadline = entity.vruntime + entity.rate.virtual_time(entity.slice);
    avg_vruntime(fair, queue);
    return true;
}

void set_protect_slice(const FairState& fair, const FairQueue& queue, Entity& entity) {
    entity.protection = entity.deadline;
    if (fair.parameters.version == FairVersion::v6_12) return;
    const Nanoseconds quantum =
        fair.parameters.run_to_parity ? shortest_slice(fair, queue) : fair.normalized_base_slice;
    if (quantum < entity.slice)
        entity.protection = std::min(entity.protection, entity.vruntime + entity.rate.virtual_time(quantum));
}

void update_protect_slice(const FairState& fair, const FairQueue& queue, Entity& entity) {
    entity.protection =
        std::min(entity.protection, entity.vruntime + entity.rate.virtual_time(shortest_slice(fair, queue)));
}

bool protect_slice(const FairState& fair, const Entity& entity) {
    return fair.parameters.version == FairVersion::v6_12 ? entity.protection == entity.deadline
                                                         : entity.protection > entity.vruntime;
}

void cancel_protect_slice(const FairState& fair, Entity& entity) {
    if (!protect_slice(fair, entity)) return;
    entity.protection = fair.parameters.version == FairVersion::v6_12 ? entity.deadline + 1 : entity.vruntime;
}

EntityId pick_eevdf(const FairState& fair, const FairQueue& queue, bool protect) {
    const Entity* current = running_in(fair, queue);
    if (queue.entities == 1) return current != nullptr ? queue.current : queue.root;
    const Sums sums = sums_of(fair, queue);

    // Vruntimes are whole: to be no greater than the average is to be no greater than the average rounded down, which
    // is zero as long as nothing has changed since zero was moved there.
    const Nanoseconds average = queue.zero + floor_divide(sums.weighted_vruntime, sums.weight);

    // Who is being taken off is in the tree already, and goes on if it may.
    const EntityId previous = current != nullptr ? queue.current : previous_of(fair, queue);
    const bool previous_may = previous != no_entity && fair.entities[previous].vruntime <= average;
    if (protect && previous_may && protect_slice(fair, fair.entities[previous])) return previous;
    if (!previous_may) current = nullptr;

    EntityId best = no_entity;
    for (EntityId id = queue.root; id != no_entity;) {
        const Entity& node = fair.entities[id];
        // Whoever is eligible on the left has an earlier deadline.
        if (node.left != no_entity && fair.entities[node.left].min_vruntime <= average) {
            id = node.left;
            continue;
        }
        if (node.vruntime <= average) {
            best = id;
            break;
        }
        id = node.right;
    }
    if (current != nullptr && (best == no_entity || current->deadline < fair.entities[best].deadline)) return previous;
    assert(best != no_entity); // somebody is not ahead of the average
    return best;
}

bool do_preempt_short(const FairState& fair, const FairQueue& queue, const Entity& wakee, const Entity& running) {
    return fair.parameters.preempt_short && wakee.slice < running.slice && entity_eligible(fair, queue, wakee) &&
           (wakee.deadline < running.deadline || !entity_eligible(fair, queue, running));
}

} // namespace switchyard::sim
