// Slots in orders, each slot in at most one: doubly linked lists through one array, whose first elements are the ends
// of the lists. Everything is O(1) and without branches.
#pragma once

#include "sim/memory/replacement/page_index.hpp"

#include <array>
#include <utility>

namespace switchyard::sim::replacement {

template <unsigned lists>
class SlotLists {
public:
    explicit SlotLists(std::size_t slots = 0) {
        links_.reserve(slots + lists);
        for (Slot end = 0; end < lists; ++end) links_.push_back({end, end});
    }

    [[nodiscard]] std::uint32_t size(unsigned list) const { return sizes_[list]; }
    [[nodiscard]] bool is_empty(unsigned list) const { return sizes_[list] == 0; }
    // no_slot where the list is empty, or ends.
    [[nodiscard]] Slot oldest(unsigned list) const { return slot_at(links_[list].newer); }
    [[nodiscard]] Slot newest(unsigned list) const { return slot_at(links_[list].older); }
    [[nodiscard]] Slot newer_than(Slot slot) const { return slot_at(links_[slot + lists].newer); }
    [[nodiscard]] Slot older_than(Slot slot) const { return slot_at(links_[slot + lists].older); }

    void push_newest(unsigned list, Slot slot) {
        if (slot + lists >= links_.size()) links_.resize(slot + lists + 1);
        link(slot + lists, links_[list].older, list);
        ++sizes_[list];
    }
    void push_oldest(unsigned list, Slot slot) {
        if (slot + lists >= links_.size()) links_.resize(slot + lists + 1);
        link(slot + lists, list, links_[list].newer);
        ++sizes_[list];
    }
    // `list` is the one the slot is in.
    void remove(unsigned list, Slot slot) {
        unlink(slot + lists);
        --sizes_[list];
    }
    void make_newest(unsigned list, Slot slot) {
        unlink(slot + lists);
        link(slot + lists, links_[list].older, list);
    }
    void move_to_newest(unsigned from, unsigned to, Slot slot) {
        remove(from, slot);
        push_newest(to, slot);
    }
    // All of `from` behind the newest of `to`, in their order.
    void append(unsigned from, unsigned to) {
        if (sizes_[from] == 0) return;
        const Link moved = links_[from];
        links_[links_[to].older].newer = moved.newer;
        links_[moved.newer].older = links_[to].older;
        links_[moved.older].newer = to;
        links_[to].older = moved.older;
        links_[from] = {from, from};
        sizes_[to] += std::exchange(sizes_[from], 0);
    }
    void prefetch(Slot slot) const { __builtin_prefetch(&links_[slot + lists], 1); }
    // The neighbours of a slot that is about to move.
    void prefetch_neighbours(Slot slot) const {
        const Link link = links_[slot + lists];
        __builtin_prefetch(&links_[link.older], 1);
        __builtin_prefetch(&links_[link.newer], 1);
    }

private:
    struct Link {
        std::uint32_t older = 0;
        std::uint32_t newer = 0;
    };
    static Slot slot_at(std::uint32_t place) { return place < lists ? no_slot : place - lists; }
    void link(std::uint32_t place, std::uint32_t older, std::uint32_t newer) {
        links_[place] = {older, newer};
        links_[older].newer = place;
        links_[newer].older = place;
    }
    void unlink(std::uint32_t place) {
        const Link old = links_[place];
        links_[old.older].newer = old.newer;
        links_[old.newer].older = old.older;
    }

    std::vector<Link> links_;
    std::array<std::uint32_t, lists> sizes_{};
};

} // namespace switchyard::sim::replacement
