// The page fault (Linux 6.18: mm/memory.c, mm/huge_memory.c, mm/filemap.c).
#include "sim/memory/address_space/address_space.hpp"

#include <algorithm>
#include <cassert>

namespace switchyard::sim::memory {

namespace {
constexpr Entry written = entry::present | entry::accessed | entry::writable | entry::dirty;
constexpr Entry own_page = written | entry::anonymous | entry::exclusive;
} // namespace

void AddressSpace::count(FaultKind kind, FaultCounts& counts) {
    ++counts[kind];
    ++(kind >= FaultKind::swap_in ? major_faults_ : minor_faults_);
}

Region* AddressSpace::region_for(PageNumber page) {
    if (recent_region_ < regions_.size() && regions_[recent_region_].contains(page)) return &regions_[recent_region_];
    recent_region_ = region_index(page);
    return recent_region_ < regions_.size() && regions_[recent_region_].first <= page ? &regions_[recent_region_]
                                                                                      : nullptr;
}

// A stack grows to the page that is touched, up to its limit and to the gap above what lies below.
bool AddressSpace::grow_stack(PageNumber page, ViolationReason& reason) {
    const std::size_t at = region_index(page);
    if (at == regions_.size() || regions_[at].purpose != Purpose::stack) return false;
    Region& stack = regions_[at];
    const PageNumber floor = at == 0 ? 0 : regions_[at - 1].end;
    if (stack.end - page > layout_.stack_limit || page < floor + layout_.stack_guard_gap) {
        // Further below, nobody would take it for a stack.
        if (stack.end - page <= layout_.stack_limit + layout_.stack_guard_gap) reason = ViolationReason::stack_guard;
        return false;
    }
    stack.home -= stack.first - page;
    stack.first = page;
    return true;
}

AddressSpace::Outcome AddressSpace::fault(PageNumber page, Access access, FaultCounts& counts) {
    ViolationReason reason = ViolationReason::not_mapped;
    const auto violation = [&](ViolationReason why) {
        counts.violation = Violation{page << page_bits, access, why};
        return Outcome::violation;
    };
    Region* region = region_for(page);
    if (region == nullptr && grow_stack(page, reason)) region = region_for(page);
    if (region == nullptr) return violation(reason);
    const bool write = allows(access, Access::write);
    if (write && !allows(region->access, Access::write)) return violation(ViolationReason::not_writable);
    if (allows(access, Access::execute) && !allows(region->access, Access::execute))
        return violation(ViolationReason::not_executable);
    if (region->access == Access::none) return violation(ViolationReason::not_readable);
    if (region->huge_level > 0) {
        if (!fault_huge_mapping(*region, page, write, counts)) return violation(ViolationReason::no_huge_page);
        if (counts.first_fault == ~std::uint64_t{0}) counts.first_fault = page;
        return Outcome::done;
    }
    if (region->object != no_object && region->index_of(page) >= memory_.objects_[region->object].pages.size())
        return violation(ViolationReason::beyond_the_object);
    if (memory_.settings_.frames > 0 || domain_ != no_domain) {
        // Making room may take what this fault was about to use.
        std::uint32_t wanted = 0;
        for (;;) {
            const std::uint32_t now = frames_wanted(*region, page, write);
            if (now <= wanted) break;
            wanted = now;
            if (!memory_.make_room(*this, wanted, counts)) {
                counts.out_of_memory = true;
                return Outcome::out_of_memory;
            }
        }
    }
    if (counts.first_fault == ~std::uint64_t{0}) counts.first_fault = page;
    const FaultKind kind = resolve(*region, page, write, counts);
    if (kind == FaultKind::anonymous) counts.pages_since_cleared += memory_.taken_after_;
    if (kind == FaultKind::copy) counts.pages_since_copied += memory_.taken_after_ + memory_.copied_after_;
    count(kind, counts);
    return Outcome::done;
}

// How many frames the fault takes as things are.
std::uint32_t AddressSpace::frames_wanted(const Region& region, PageNumber page, bool write) {
    const LeafTable table = tables_.find(page);
    const Entry mapped = table ? table.at(page) : 0;
    if ((mapped & entry::present) != 0) {
        const bool copies = write && !region.shared && (table.huge() || !is_only_ours(mapped));
        return copies ? 1 : 0;
    }
    if ((mapped & entry::swapped) != 0) {
        const Memory::Slot& slot = memory_.slots_[entry::number(mapped)];
        const bool cached = slot.frame != no_frame;
        const bool copies = write && (slot.entries > 1 || (cached && memory_.frames_.maps(slot.frame) > 0));
        return (cached ? 0U : 1U) + (copies ? 1U : 0U);
    }
    if (region.object == no_object) return write ? 1 : 0;
    const bool cached = (memory_.objects_[region.object].pages[region.index_of(page)] & entry::present) != 0;
    return (cached ? 0U : 1U) + (write && !region.shared ? 1U : 0U);
}

// An anonymous frame no other entry refers to, not even from the swap device's side.
bool AddressSpace::is_only_ours(Entry mapped) const {
    if ((mapped & entry::zero) != 0 || (mapped & entry::anonymous) == 0) return false;
    const FrameNumber frame = entry::number(mapped);
    const SwapSlot slot = memory_.frames_[frame].slot;
    return memory_.frames_.maps(frame) == 1 && (slot == no_slot || memory_.slots_[slot].entries == 0);
}

FaultKind AddressSpace::resolve(Region& region, PageNumber page, bool write, FaultCounts& counts) {
    LeafTable table = tables_.find(page);
    FaultKind kind{};
    if (!table) {
        if (huge_allowed(region, page) && fault_huge(region, page, write, counts, kind)) return kind;
        table = tables_.make(page, counts.tables_made);
    } else if (table.huge()) {
        if (write_huge(table, page, kind)) {
            counts.huge_pieces_cleared += kind == FaultKind::huge ? 1 : 0;
            return kind;
        }
        split_huge(page);
        table = tables_.find(page);
    }
    Entry& mapped = table.at(page);
    if ((mapped & entry::present) != 0) {
        kind = write_protected(region, mapped, page);
        counts.replaced += kind != FaultKind::reuse;
        return kind;
    }
    if ((mapped & entry::swapped) != 0) return fault_swapped(region, mapped, page, write, counts);
    if (region.object != no_object) return fault_object(region, table, page, write, counts);
    if (!write) {
        mapped = entry::present | entry::accessed | entry::zero;
        return FaultKind::zero_page;
    }
    own_frame(region, mapped, page, 0);
    return FaultKind::anonymous;
}

void AddressSpace::map_frame(Entry& mapped, FrameNumber frame, Entry flags) {
    mapped = entry::of(frame, flags);
    ++memory_.frames_[frame].maps;
    add_resident(1);
}

// A page of one's own, written.
void AddressSpace::own_frame(Region& region, Entry& mapped, PageNumber page, std::uint64_t content) {
    const FrameNumber frame = memory_.take_frame(this, no_object, region.home_of(page), memory_.next_identity_++);
    memory_.frames_[frame].content = content;
    map_frame(mapped, frame, own_page);
    region.has_anonymous = true;
}

// --- Writes to what is mapped read-only ----------------------------------------------------------------------------

FaultKind AddressSpace::write_protected(Region& region, Entry& mapped, PageNumber page) {
    if (region.shared) { // a clean page of a file: it is dirty from now on
        mapped |= written;
        return FaultKind::reuse;
    }
    if ((mapped & entry::zero) != 0) {
        own_frame(region, mapped, page, 0);
        return FaultKind::after_zero_page;
    }
    const FrameNumber frame = entry::number(mapped);
    if (is_only_ours(mapped)) {
        memory_.leave_swap_cache(frame);
        mapped |= own_page;
        return FaultKind::reuse;
    }
    const Entry old = mapped;
    --resident_;
    memory_.copied_after_ = memory_.go_over(frame);
    own_frame(region, mapped, page, memory_.frames_[frame].content);
    Frame& left = memory_.frames_[frame];
    if ((old & entry::dirty) != 0) left.dirty = true;
    --left.maps;
    memory_.unmapped(frame);
    return FaultKind::copy;
}

// --- Huge pages ----------------------------------------------------------------------------------------------------

bool AddressSpace::huge_allowed(const Region& region, PageNumber page) const {
    const PageNumber pages = layout_.pages_of_huge();
    if (region.object != no_object || pages != memory_.frames_.block() || region.purpose == Purpose::stack)
        return false;
    if (region.huge_pages == HugePages::refused || memory_.settings_.huge_pages == HugePages::refused) return false;
    if (region.huge_pages != HugePages::advised && memory_.settings_.huge_pages == HugePages::advised) return false;
    const PageNumber first = page & ~(pages - 1);
    return first >= region.first && first + pages <= region.end;
}

// False where no block of frames is free: then single pages do.
bool AddressSpace::fault_huge(Region& region, PageNumber page, bool write, FaultCounts& counts, FaultKind& kind) {
    const PageNumber first = page & ~(layout_.pages_of_huge() - 1);
    Entry mapped = entry::present | entry::accessed | entry::zero;
    if (write) {
        const FrameNumber block = take_huge(region.home_of(first));
        if (block == no_frame) return false;
        mapped = entry::of(block, own_page);
    }
    const LeafTable table = tables_.make(page, counts.tables_made);
    tables_.set_huge(page, true);
    table.entries[0] = mapped;
    region.has_anonymous = true; // also for the zero page: anon_vma is prepared first
    kind = write ? FaultKind::huge : FaultKind::huge_zero;
    counts.huge_pieces_cleared += write ? 1 : 0;
    return true;
}

FrameNumber AddressSpace::take_huge(PageNumber home) {
    const std::uint32_t pages = memory_.frames_.block();
    if (memory_.settings_.frames > 0 && memory_.frames_.available() < pages + memory_.settings_.low_watermark)
        return no_frame;
    if (domain_ != no_domain && memory_.domains_[domain_].charged + pages > memory_.domains_[domain_].limit)
        return no_frame;
    const FrameNumber block = memory_.take_huge_frame(*this, home);
    if (block == no_frame) return no_frame;
    ++memory_.frames_.block_maps(block);
    add_resident(pages);
    return block;
}

// A write to a huge page mapped read-only. False: it has to be split.
bool AddressSpace::write_huge(LeafTable table, PageNumber page, FaultKind& kind) {
    Entry& mapped = table.entries[0];
    if ((mapped & entry::zero) != 0) {
        const PageNumber first = page & ~(layout_.pages_of_huge() - 1);
        const FrameNumber block = take_huge(region_for(page)->home_of(first));
        if (block == no_frame) return false;
        mapped = entry::of(block, own_page);
        kind = FaultKind::huge;
        return true;
    }
    const FrameNumber block = entry::number(mapped);
    for (FrameNumber frame = block; frame < block + memory_.frames_.block(); ++frame)
        if (memory_.frames_.maps(frame) > 1) return false;
    mapped |= own_page;
    kind = FaultKind::huge_reuse;
    return true;
}

// --- Files and shared memory ---------------------------------------------------------------------------------------

FaultKind AddressSpace::fault_object(Region& region, LeafTable table, PageNumber page, bool write,
                                     FaultCounts& counts) {
    const ObjectId object = region.object;
    const PageNumber index = region.index_of(page);
    const bool is_file = memory_.objects_[object].kind == ObjectKind::file;
    Entry& mapped = table.at(page);
    if (!write) {
        map_around(region, table, page, counts);
        if (mapped != 0) {
            if (is_file) memory_.read_ahead(*this, region, index, counts);
            return FaultKind::page_cache;
        }
    }
    const FaultKind kind = memory_.bring_in(*this, region, index, counts);
    const FrameNumber frame = entry::number(memory_.objects_[object].pages[index]);
    if (!write) {
        const bool writable = region.shared && !is_file && allows(region.access, Access::write);
        map_frame(mapped, frame, entry::present | entry::accessed | (writable ? entry::writable : 0));
    } else if (region.shared)
        map_frame(mapped, frame, written);
    else {
        memory_.copied_after_ = memory_.go_over(frame);
        own_frame(region, mapped, page, memory_.frames_[frame].content);
    }
    if (kind != FaultKind::page_cache) return kind;
    if (write && !region.shared) return FaultKind::copy;
    ++counts.pages_mapped;
    return kind;
}

// Linux: do_fault_around. The window is aligned in the page table, but never begins before the region does, and it
// lies within both.
void AddressSpace::map_around(const Region& region, LeafTable table, PageNumber page, FaultCounts& counts) {
    const PageNumber window = memory_.settings_.fault_around;
    const PageNumber in_table = layout_.pages_of_huge();
    const PageNumber at = page & (in_table - 1);
    const PageNumber in_region = page - region.first;
    const PageNumber from = std::max(at / window * window, at - std::min(at, in_region));
    const PageNumber to = std::min({from + window, in_table, at + region.pages() - in_region});
    const MemoryObject& object = memory_.objects_[region.object];
    const bool writable =
        region.shared && object.kind == ObjectKind::shared_memory && allows(region.access, Access::write);
    const Entry flags = entry::present | entry::accessed | (writable ? entry::writable : 0);
    for (PageNumber slot = from; slot < to; ++slot) {
        const PageNumber index = region.index_of(page - at + slot);
        if (index >= object.pages.size()) break;
        Entry& mapped = table.entries[slot];
        if (mapped != 0 || (object.pages[index] & entry::present) == 0) continue;
        map_frame(mapped, entry::number(object.pages[index]), flags);
        ++counts.pages_mapped;
    }
}

// --- Swapped out ---------------------------------------------------------------------------------------------------

FaultKind AddressSpace::fault_swapped(Region& region, Entry& mapped, PageNumber page, bool write, FaultCounts& counts) {
    const SwapSlot slot = entry::number(mapped);
    FrameNumber frame = memory_.slots_[slot].frame;
    const bool cached = frame != no_frame;
    if (!cached) frame = memory_.swap_in(*this, slot, region.home_of(page), counts);
    --swapped_;
    map_frame(mapped, frame, entry::present | entry::accessed | entry::anonymous);
    --memory_.slots_[slot].entries;
    // Nobody else has it, here or on the device: it is ours to write from now on.
    if (is_only_ours(mapped) && allows(region.access, Access::write)) mapped |= entry::writable | entry::exclusive;
    if (write) {
        if ((mapped & entry::writable) != 0) {
            mapped |= entry::dirty;
            memory_.leave_swap_cache(frame);
        } else
            write_protected(region, mapped, page); // in the same fault
    }
    return cached ? FaultKind::swap_cache : FaultKind::swap_in;
}

} // namespace switchyard::sim::memory
