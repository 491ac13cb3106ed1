#include "sim/sched/fair/entity_tree.hpp"

#include <algorithm>
#include <utility>

namespace switchyard::sim {

namespace {

void include(Entity& node, const Entity& other) {
    node.min_vruntime = std::min(node.min_vruntime, other.min_vruntime);
    node.min_slice = std::min(node.min_slice, other.min_slice);
}

void summarize(std::span<Entity> entities, Entity& node) {
    node.min_vruntime = node.vruntime;
    node.min_slice = node.slice;
    if (node.left != no_entity) include(node, entities[node.left]);
    if (node.right != no_entity) include(node, entities[node.right]);
}

// Summarizes a node and those above it, as far as anything changes.
void summarize_upwards(std::span<Entity> entities, EntityId id) {
    while (id != no_entity) {
        Entity& node = entities[id];
        const Nanoseconds vruntime = node.min_vruntime;
        const Nanoseconds slice = node.min_slice;
        summarize(entities, node);
        if (node.min_vruntime == vruntime && node.min_slice == slice) return;
        id = node.up;
    }
}

// Puts `to` where `from` hangs.
void hang(std::span<Entity> entities, EntityId& root, EntityId above, EntityId from, EntityId to) {
    if (above == no_entity) {
        root = to;
    } else if (entities[above].left == from) {
        entities[above].left = to;
    } else {
        entities[above].right = to;
    }
    if (to != no_entity) entities[to].up = above;
}

// The node and the one above it change places.
void rotate_up(std::span<Entity> entities, EntityId& root, EntityId id) {
    Entity& node = entities[id];
    const EntityId above_id = node.up;
    Entity& above = entities[above_id];
    hang(entities, root, above.up, above_id, id);
    EntityId& inner = above.left == id ? node.right : node.left;
    (above.left == id ? above.left : above.right) = inner;
    if (inner != no_entity) entities[inner].up = above_id;
    inner = above_id;
    above.up = id;
    node.min_vruntime = above.min_vruntime;
    node.min_slice = above.min_slice;
    summarize(entities, above);
}

// Hangs the subtree, cut in two at the node's key, below the node: one descent, no rotations.
void split(std::span<Entity> entities, EntityId subtree, EntityId id) {
    Entity& node = entities[id];
    EntityId* left_link = &node.left; // where the next part with keys up to the node's goes, and what is above it
    EntityId* right_link = &node.right;
    EntityId left_above = id;
    EntityId right_above = id;
    while (subtree != no_entity) {
        Entity& passed = entities[subtree];
        if (node.key < passed.key) {
            *right_link = subtree;
            passed.up = std::exchange(right_above, subtree);
            right_link = &passed.left;
        } else {
            *left_link = subtree;
            passed.up = std::exchange(left_above, subtree);
            left_link = &passed.right;
        }
        subtree = node.key < passed.key ? passed.left : passed.right;
    }
    *left_link = *right_link = no_entity;
    for (; left_above != id; left_above = entities[left_above].up) summarize(entities, entities[left_above]);
    for (; right_above != id; right_above = entities[right_above].up) summarize(entities, entities[right_above]);
    if (node.left != no_entity) include(node, entities[node.left]);
    if (node.right != no_entity) include(node, entities[node.right]);
}

} // namespace

std::uint32_t tree_priority(EntityId entity) { // the finalizer of MurmurHash3
    std::uint32_t bits = entity + 1;
    bits = (bits ^ (bits >> 16)) * 0x85ebca6bU;
    bits = (bits ^ (bits >> 13)) * 0xc2b2ae35U;
    return bits ^ (bits >> 16);
}

void tree_insert(std::span<Entity> entities, EntityId& root, EntityId id) {
    Entity& node = entities[id];
    node.min_vruntime = node.vruntime;
    node.min_slice = node.slice;
    EntityId above = no_entity;
    EntityId* link = &root;
    while (*link != no_entity && entities[*link].priority >= node.priority) {
        above = *link;
        Entity& passed = entities[above];
        include(passed, node);
        link = node.key < passed.key ? &passed.left : &passed.right;
    }
    const EntityId displaced = *link;
    *link = id;
    node.up = above;
    split(entities, displaced, id);
}

void tree_erase(std::span<Entity> entities, EntityId& root, EntityId id) {
    Entity& node = entities[id];
    while (node.left != no_entity && node.right != no_entity)
        rotate_up(entities, root,
                  entities[node.left].priority > entities[node.right].priority ? node.left : node.right);
    const EntityId above = node.up;
    hang(entities, root, above, id, node.left != no_entity ? node.left : node.right);
    node.left = node.right = node.up = no_entity;
    summarize_upwards(entities, above);
}

void tree_refresh(std::span<Entity> entities, EntityId id) { summarize_upwards(entities, id); }

EntityId tree_first(std::span<const Entity> entities, EntityId root) {
    if (root == no_entity) return no_entity;
    while (entities[root].left != no_entity) root = entities[root].left;
    return root;
}

EntityId tree_next(std::span<const Entity> entities, EntityId id) {
    if (entities[id].right != no_entity) return tree_first(entities, entities[id].right);
    for (EntityId above = entities[id].up; above != no_entity; id = above, above = entities[id].up)
        if (entities[above].left == id) return above;
    return no_entity;
}

} // namespace switchyard::sim
