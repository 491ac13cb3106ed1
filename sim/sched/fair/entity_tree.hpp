// The tree a queue keeps its waiting entities in: sorted by `key`, equal keys in the order they came, each node knowing
// the least vruntime and the least slice of its subtree. The kernel augments a red-black tree (min_vruntime_cb,
// kernel/sched/fair.c); this is a treap (Seidel and Aragon, Randomized Search Trees, 1996) whose priorities are a hash
// of the entity, so that its shape is the same in every run. The order of entities, which is all that picks depend on,
// is the kernel's. Links are indices into the array of all entities; nothing is allocated; O(log n) on average.
#pragma once

#include "sim/sched/fair/entity.hpp"

#include <span>

namespace switchyard::sim {

// The treap priority of the entity with that index.
[[nodiscard]] std::uint32_t tree_priority(EntityId entity);

void tree_insert(std::span<Entity> entities, EntityId& root, EntityId entity);
void tree_erase(std::span<Entity> entities, EntityId& root, EntityId entity);

// The slice of an entity in a tree has changed.
void tree_refresh(std::span<Entity> entities, EntityId entity);

// The first in order, and the one after; no_entity if there is none.
[[nodiscard]] EntityId tree_first(std::span<const Entity> entities, EntityId root);
[[nodiscard]] EntityId tree_next(std::span<const Entity> entities, EntityId entity);

} // namespace switchyard::sim
