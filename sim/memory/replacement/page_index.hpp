// Where a page's record is: from page numbers to slots, which are small numbers handed out from 0 and handed out again
// once they are given back (the latest first). What a policy keeps of a page lies in arrays by slot. Two kinds: hashed,
// for page numbers of any size, and direct, for small ones (indices of an address space).
#pragma once

#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace switchyard::sim::replacement {

using Slot = std::uint32_t;
inline constexpr Slot no_slot = std::numeric_limits<Slot>::max();

// The slots of an index and the page in each.
template <class PageNumber>
class PageSlots {
public:
    using Page = PageNumber;

    // The page that has the slot. Precondition: one has.
    [[nodiscard]] Page page(Slot slot) const { return pages_[slot]; }
    // Whether this page has the slot, of which it is known that it had it once.
    [[nodiscard]] bool has(Slot slot, Page page) const { return pages_[slot] == page; }
    // Slots that were ever in use: all are less.
    [[nodiscard]] Slot bound() const { return static_cast<Slot>(pages_.size()); }

protected:
    Slot take(Page page) {
        if (free_.empty()) {
            pages_.push_back(page);
            return bound() - 1;
        }
        const Slot slot = free_.back();
        free_.pop_back();
        pages_[slot] = page;
        return slot;
    }
    void give_back(Slot slot) {
        pages_[slot] = ~pages_[slot]; // not the page any more
        free_.push_back(slot);
    }
    void reserve(std::size_t slots) { pages_.reserve(slots); }

    std::vector<Page> pages_;
    std::vector<Slot> free_;
};

// Direct: an array by page number. 4 bytes a page there is, and 4 a slot.
class DirectIndex : public PageSlots<std::uint32_t> {
public:
    // Pages are less than `pages`; `slots` are expected to be in use.
    DirectIndex(std::size_t pages, std::size_t slots) : slots_(pages, no_slot) { reserve(slots); }

    void prefetch(Page page) const { __builtin_prefetch(&slots_[page]); }
    [[nodiscard]] Slot find(Page page) const { return slots_[page]; }
    Slot add(Page page) {
        assert(find(page) == no_slot);
        return slots_[page] = take(page);
    }
    void remove(Slot slot) {
        slots_[pages_[slot]] = no_slot;
        give_back(slot);
    }
    // Gives the slot to another page.
    void replace(Slot slot, Page page) {
        slots_[pages_[slot]] = no_slot;
        slots_[page] = slot;
        pages_[slot] = page;
    }

private:
    std::vector<Slot> slots_;
};

// Hashed: open addressing with linear probing, entries of 8 bytes, at most half of them used; entries behind one that
// is removed move up (Knuth, The Art of Computer Programming, volume 3, 6.4, algorithm R), so no search meets
// leftovers. The hash is multiplicative; its upper half is kept beside the slot, which answers nearly every comparison
// and says where an entry would like to be.
class HashedIndex : public PageSlots<std::uint64_t> {
public:
    // `slots` are expected to be in use; there may be more. The number of pages does not matter.
    HashedIndex(std::size_t /*pages*/, std::size_t slots) {
        reserve(slots);
        set_size(std::bit_ceil(2 * slots + 2));
    }

    void prefetch(Page page) const { __builtin_prefetch(&entries_[home(hash(page))]); }
    [[nodiscard]] Slot find(Page page) const {
        const std::uint32_t wanted = hash(page);
        for (std::size_t at = home(wanted);; at = (at + 1) & mask_) {
            const Entry entry = entries_[at];
            if (entry.slot == no_slot) return no_slot;
            if (entry.hash == wanted && pages_[entry.slot] == page) return entry.slot;
        }
    }
    Slot add(Page page) {
        assert(find(page) == no_slot);
        if (2 * (used_ + 1) > entries_.size()) grow();
        const Slot slot = take(page);
        put({hash(page), slot});
        ++used_;
        return slot;
    }
    void remove(Slot slot) {
        take_out(slot);
        --used_;
        give_back(slot);
    }
    void replace(Slot slot, Page page) {
        take_out(slot);
        pages_[slot] = page;
        put({hash(page), slot});
    }

private:
    struct Entry {
        std::uint32_t hash = 0;
        Slot slot = no_slot;
    };

    static std::uint32_t hash(Page page) { return static_cast<std::uint32_t>((page * 0x9E3779B97F4A7C15) >> 32); }
    [[nodiscard]] std::size_t home(std::uint32_t of_hash) const { return of_hash >> shift_; }
    void set_size(std::size_t size) {
        entries_.assign(size, {});
        mask_ = size - 1;
        shift_ = 32 - std::countr_zero(size);
        assert(shift_ >= 0);
    }
    void put(Entry entry) {
        std::size_t at = home(entry.hash);
        while (entries_[at].slot != no_slot) at = (at + 1) & mask_;
        entries_[at] = entry;
    }
    void take_out(Slot slot) {
        std::size_t hole = home(hash(pages_[slot]));
        while (entries_[hole].slot != slot) hole = (hole + 1) & mask_;
        for (std::size_t at = hole;;) {
            at = (at + 1) & mask_;
            if (entries_[at].slot == no_slot) break;
            const std::size_t wanted = home(entries_[at].hash);
            if (((at - wanted) & mask_) < ((at - hole) & mask_)) continue; // would be in front of its home there
            entries_[hole] = entries_[at];
            hole = at;
        }
        entries_[hole] = {};
    }
    void grow() {
        std::vector<Entry> old;
        old.swap(entries_);
        set_size(2 * old.size());
        for (const Entry entry : old)
            if (entry.slot != no_slot) put(entry);
    }

    std::vector<Entry> entries_;
    std::size_t mask_ = 0;
    int shift_ = 0;
    std::size_t used_ = 0;
};

} // namespace switchyard::sim::replacement
