#include "sim/sched/fair/entity_tree.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <random>

using namespace switchyard::sim;

namespace {

// Height of the tree; checks its order, its heap and its summaries.
std::size_t check(const std::vector<Entity>& entities, EntityId id, EntityId up) {
    if (id == no_entity) return 0;
    const Entity& node = entities[id];
    bool sound = node.up == up && (up == no_entity || entities[up].priority >= node.priority);
    Nanoseconds vruntime = node.vruntime;
    Nanoseconds slice = node.slice;
    for (const EntityId child : {node.left, node.right}) {
        if (child == no_entity) continue;
        vruntime = std::min(vruntime, entities[child].min_vruntime);
        slice = std::min(slice, entities[child].min_slice);
    }
    sound = sound && node.min_vruntime == vruntime && node.min_slice == slice;
    if (!sound) FAIL("entity " << id << " is out of place or summarizes wrongly");
    return 1 + std::max(check(entities, node.left, id), check(entities, node.right, id));
}

std::vector<EntityId> in_order(const std::vector<Entity>& entities, EntityId root) {
    std::vector<EntityId> order;
    for (EntityId id = tree_first(entities, root); id != no_entity; id = tree_next(entities, id)) order.push_back(id);
    return order;
}

} // namespace

TEST_CASE("The tree keeps the order of keys, and of insertion where they are equal", "[fair]") {
    std::mt19937_64 random(3);
    std::vector<Entity> entities(300);
    for (EntityId id = 0; id < entities.size(); ++id) entities[id].priority = tree_priority(id);
    EntityId root = no_entity;
    std::vector<EntityId> reference;
    for (int round = 0; round < 20'000; ++round) {
        const auto id = static_cast<EntityId>(random() % entities.size());
        const auto there = std::find(reference.begin(), reference.end(), id);
        if (there != reference.end()) {
            if (random() % 8 == 0) {
                entities[id].slice = static_cast<Nanoseconds>(random() % 50);
                tree_refresh(entities, id);
            } else {
                reference.erase(there);
                tree_erase(entities, root, id);
            }
        } else {
            entities[id].key = static_cast<Nanoseconds>(random() % 40);
            entities[id].vruntime = static_cast<Nanoseconds>(random() % 1000);
            entities[id].slice = static_cast<Nanoseconds>(random() % 50);
            const auto later = [&](Nanoseconds key, EntityId other) { return key < entities[other].key; };
            reference.insert(std::upper_bound(reference.begin(), reference.end(), entities[id].key, later), id);
            tree_insert(entities, root, id);
        }
        check(entities, root, no_entity);
        if (round % 16 == 0) REQUIRE(in_order(entities, root) == reference);
    }
}

TEST_CASE("The tree stays shallow however keys come", "[fair]") {
    std::vector<Entity> entities(10'000);
    EntityId root = no_entity;
    for (EntityId id = 0; id < entities.size(); ++id) {
        entities[id].priority = tree_priority(id);
        entities[id].key = id; // ascending: a plain binary tree would be a list
        tree_insert(entities, root, id);
    }
    CHECK(check(entities, root, no_entity) < 60); // 13.3 at best, 2 ln n = 18 on average to a node
}
