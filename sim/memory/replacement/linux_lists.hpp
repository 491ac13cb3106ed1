// Linux's two lists, active and inactive (mm/vmscan.c and mm/workingset.c of 6.12), for mapped pages of one kind,
// clean, in one node, reclaimed one at a time:
//   - a page that comes goes to the head of the inactive list, its accessed bit set by the fault;
//   - reclaim looks at the tail of the inactive list (folio_check_references): accessed and marked referenced before ->
//     active list; accessed -> marked referenced, back to the head; otherwise it is evicted;
//   - before, while the inactive list is low (inactive_is_low: inactive x ratio < active, the ratio being 1 below 1 GiB
//   of
//     pages, otherwise the root of 10 x GiB), up to 32 pages go from the tail of the active list to the head of the
//     inactive one, accessed or not, the accessed bit being cleared (shrink_active_list);
//   - an evicted page leaves a shadow, the number of evictions and activations so far; where no more of them happened
//     until it comes back than there are active pages, it would have stayed in a list as much longer, and goes
//     to the active list at once (workingset_refault).
// Not modelled: executable mappings' second round, dirty pages, several kinds competing, shadows shrunk under pressure.
#pragma once

#include "sim/memory/replacement/policy_base.hpp"

namespace switchyard::sim::replacement {

template <class Index>
class LinuxLists : public PolicyBase<Index> {
public:
    using typename PolicyBase<Index>::Page;
    using PolicyBase<Index>::index;

    explicit LinuxLists(const Options& options)
        : PolicyBase<Index>(options), lists_(options.frames), pages_(options.frames) {}

    [[nodiscard]] bool is_resident(Slot slot) const { return pages_[slot].place != Place::left; }
    void hit(Slot slot) { pages_[slot].accessed = true; }
    void insert(Page page, Slot known) {
        const Slot slot = known != no_slot ? known : index.add(page);
        const bool refaults_early = known != no_slot && age_ - pages_[slot].shadow <= lists_.size(active);
        pages_.at(slot) = {.shadow = 0,
                           .place = refaults_early ? Place::active : Place::inactive,
                           .accessed = true,
                           .referenced = false};
        age_ += refaults_early;
        lists_.push_newest(refaults_early ? active : inactive, slot);
    }
    Page evict() {
        for (;;) {
            if (inactive_is_low()) deactivate();
            const Slot slot = lists_.oldest(inactive);
            State& page = pages_[slot];
            if (!page.accessed) {
                lists_.remove(inactive, slot);
                page = {.shadow = ++age_, .place = Place::left, .accessed = false, .referenced = false};
                return index.page(slot);
            }
            page.accessed = false;
            if (page.referenced) {
                lists_.move_to_newest(inactive, active, slot);
                page.place = Place::active;
                ++age_;
            } else {
                lists_.make_newest(inactive, slot);
                page.referenced = true;
            }
        }
    }
    void remove(Slot slot) {
        lists_.remove(pages_[slot].place == Place::active ? active : inactive, slot);
        index.remove(slot);
    }
    [[nodiscard]] std::uint32_t size() const { return lists_.size(inactive) + lists_.size(active); }
    void prefetch(Slot slot) const { pages_.prefetch(slot); }

private:
    static constexpr unsigned inactive = 0;
    static constexpr unsigned active = 1;
    enum class Place : std::uint8_t { inactive, active, left };
    struct State {
        std::uint64_t shadow = 0;
        Place place = Place::inactive;
        bool accessed = false;   // the bit of the page table entry
        bool referenced = false; // PG_referenced
    };

    [[nodiscard]] bool inactive_is_low() const {
        const std::uint64_t gigabytes = size() >> 18U;
        std::uint64_t ratio = 1;
        while (gigabytes > 0 && (ratio + 1) * (ratio + 1) <= 10 * gigabytes) ++ratio;
        return lists_.size(inactive) * ratio < lists_.size(active);
    }
    void deactivate() {
        constexpr int batch = 32; // SWAP_CLUSTER_MAX
        for (int i = 0; i < batch && !lists_.is_empty(active); ++i) {
            const Slot slot = lists_.oldest(active);
            pages_[slot].accessed = false;
            pages_[slot].place = Place::inactive;
            lists_.move_to_newest(active, inactive, slot);
        }
    }

    SlotLists<2> lists_;
    BySlot<State> pages_;
    std::uint64_t age_ = 0; // nonresident_age
};

} // namespace switchyard::sim::replacement
