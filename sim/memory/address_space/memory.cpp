#include "sim/memory/address_space/memory.hpp"

#include "sim/memory/address_space/address_space.hpp"
#include "sim/memory/address_space/each_entry.hpp"

#include <algorithm>
#include <cassert>
#include <stdexcept>
#include <utility>

namespace switchyard::sim::memory {

namespace {
constexpr std::uint32_t frames_of_huge = 512;

class NoBits : public ReferencedBits {
public:
    bool take(FrameNumber) override { return false; }
};

std::unique_ptr<Replacer> make_replacer(const MakeReplacer& make, std::uint32_t frames) {
    return make ? make(frames) : std::make_unique<FifoReplacer>(true);
}
} // namespace

Memory::Memory(MemorySettings settings) : settings_(std::move(settings)), frames_(settings_.frames, frames_of_huge) {
    for (unsigned level = 0; level < huge_page_levels; ++level)
        huge_pages_[level] = HugePagePool(settings_.huge_page_reserve[level]);
    if (settings_.frames > 0) replacer_ = make_replacer(settings_.replacement, settings_.frames);
}

Memory::~Memory() {
    for (SpaceId space = 0; space < spaces_.size(); ++space)
        if (spaces_[space]) destroy(space);
}

std::size_t Memory::tables_in_use(unsigned index_bits) const {
    const TablePools& pools = index_bits == 9 ? pools_9_ : pools_10_;
    return pools.leaf.in_use() + pools.upper.in_use();
}

// --- Address spaces ------------------------------------------------------------------------------------------------

AddressSpace& Memory::create(const Layout& layout) {
    if (layout.index_bits != 9 && layout.index_bits != 10)
        throw std::invalid_argument("a page table has 512 or 1024 entries");
    std::uint32_t family = 0;
    if (free_families_.empty()) {
        family = static_cast<std::uint32_t>(families_.size());
        families_.emplace_back();
    } else {
        family = free_families_.back();
        free_families_.pop_back();
    }
    return create(layout, family);
}

AddressSpace& Memory::create(const Layout& layout, std::uint32_t family) {
    SpaceId id = 0;
    if (free_spaces_.empty()) {
        id = static_cast<SpaceId>(spaces_.size());
        spaces_.emplace_back();
    } else {
        id = free_spaces_.back();
        free_spaces_.pop_back();
    }
    spaces_[id] = std::make_unique<AddressSpace>(*this, id, family, layout);
    AddressSpace& made = *spaces_[id];
    made.family_position_ = static_cast<std::uint32_t>(families_[family].size());
    made.reports_references_ = replacer_ && replacer_->wants_every_reference();
    families_[family].push_back(id);
    return made;
}

void Memory::destroy(SpaceId id) {
    AddressSpace& space = *spaces_[id];
    Change change;
    space.remove_regions(0, space.pages_end(), change);
    go_over_entries(change.entries);
    assert(space.resident_ == 0 && space.swapped_ == 0 && space.tables_.tables() == 0);
    leave_domain(space);
    std::vector<SpaceId>& members = families_[space.family_];
    spaces_[members.back()]->family_position_ = space.family_position_;
    members[space.family_position_] = members.back();
    members.pop_back();
    if (members.empty()) free_families_.push_back(space.family_);
    spaces_[id].reset();
    free_spaces_.push_back(id);
}

// --- Domains -------------------------------------------------------------------------------------------------------

DomainId Memory::create_domain(std::uint32_t frames, const MakeReplacer& make) {
    constexpr std::uint32_t least = 4; // a fault may need two pages, and so may the one that follows
    if (frames < least) throw std::invalid_argument("an address space is limited to at least 4 frames");
    domains_.push_back({.limit = frames, .replacer = make_replacer(make, frames)});
    return static_cast<DomainId>(domains_.size() - 1);
}

void Memory::join(SpaceId id, DomainId domain) {
    AddressSpace& space = *spaces_[id];
    leave_domain(space);
    space.domain_ = domain;
    ++domains_[domain].members;
    space.reports_references_ = space.reports_references_ || domains_[domain].replacer->wants_every_reference();
}

// What nobody else in it maps is gone already; with the last of them, what others map counts against the machine.
void Memory::leave_domain(AddressSpace& space) {
    if (space.domain_ == no_domain) return;
    Domain& domain = domains_[space.domain_];
    space.domain_ = no_domain;
    if (--domain.members == 0) drain(domain);
}

void Memory::drain(Domain& domain) {
    NoBits bits;
    for (FrameNumber frame = domain.replacer->evict(bits); frame != no_frame; frame = domain.replacer->evict(bits)) {
        const FrameNumber end = frame + (frames_.is_huge(frame) ? frames_of_huge : 1);
        for (FrameNumber each = frame; each < end; ++each) frames_[each].charged = no_domain;
        domain.charged -= end - frame;
        frames_[frame].listed = false;
        list(frame);
    }
}

// --- Files and shared memory ---------------------------------------------------------------------------------------

ObjectId Memory::create_object(ObjectKind kind, PageNumber pages) {
    ObjectId id = 0;
    if (free_objects_.empty()) {
        id = static_cast<ObjectId>(objects_.size());
        objects_.emplace_back();
    } else {
        id = free_objects_.back();
        free_objects_.pop_back();
    }
    objects_[id] = {.kind = kind, .in_use = true, .pages = std::vector<Entry>(pages), .device = {}};
    return id;
}

ObjectId Memory::create_file(PageNumber pages, bool cached) {
    const ObjectId id = create_object(ObjectKind::file, pages);
    for (PageNumber index = 0; cached && index < pages && frames_.available() > settings_.low_watermark; ++index)
        cache_page(id, index, nullptr);
    return id;
}

ObjectId Memory::create_shared_memory(PageNumber pages) { return create_object(ObjectKind::shared_memory, pages); }

void Memory::cache_page(ObjectId object, PageNumber index, AddressSpace* space) {
    const FrameNumber frame = take_frame(space, object, index, object_page_identity(object, index));
    MemoryObject& it = objects_[object];
    if (!it.device.empty()) frames_[frame].content = it.device[index];
    it.pages[index] = entry::of(frame, entry::present);
}

void Memory::drop_cache(ObjectId file) {
    for (Entry& page : objects_[file].pages) {
        if ((page & entry::present) == 0) continue;
        const FrameNumber frame = entry::number(page);
        if (frames_.maps(frame) > 0 || frames_[frame].dirty) continue;
        page = 0;
        free_frame(frame);
    }
}

std::uint64_t Memory::write_back(ObjectId file) {
    MemoryObject& object = objects_[file];
    std::uint64_t written = 0;
    for (PageNumber index = 0; index < object.pages.size(); ++index) {
        if ((object.pages[index] & entry::present) == 0) continue;
        const FrameNumber frame = entry::number(object.pages[index]);
        // The next write is to be noticed: it faults again.
        each_entry(frame, [&](AddressSpace&, const Region&, LeafTable table, PageNumber page) {
            Entry& mapped = table.at(page);
            if ((mapped & entry::dirty) != 0) frames_[frame].dirty = true;
            mapped &= ~(entry::dirty | entry::writable);
        });
        if (frames_[frame].dirty) written += write_page(object, index);
    }
    return written;
}

std::uint64_t Memory::write_page(MemoryObject& object, PageNumber index) {
    Frame& frame = frames_[entry::number(object.pages[index])];
    object.device.resize(object.pages.size());
    object.device[index] = frame.content;
    frame.dirty = false;
    ++counters_.written_back;
    return 1;
}

void Memory::region_gone(ObjectId id) {
    MemoryObject& object = objects_[id];
    if (--object.regions == 0 && object.kind != ObjectKind::file) remove(id);
}

void Memory::remove(ObjectId id) {
    MemoryObject& object = objects_[id];
    if (object.regions > 0) throw std::invalid_argument("still mapped");
    if (object.kind == ObjectKind::shared_huge_pages) {
        HugePagePool& pool = huge_pool(object.huge_level);
        for (Entry& page : object.pages) {
            if (page != 0)
                pool.give_back(entry::number(std::exchange(page, 0)));
            else if (object.has_reserved)
                pool.release(1);
        }
    }
    for (const Entry page : object.pages) {
        if ((page & entry::present) != 0) free_frame(entry::number(page));
        if ((page & entry::swapped) != 0) release_slot(entry::number(page));
    }
    object = {};
    free_objects_.push_back(id);
}

// --- Out of memory -------------------------------------------------------------------------------------------------

std::int64_t Memory::badness(SpaceId id) const {
    const AddressSpace& space = *spaces_[id];
    const auto pages = static_cast<std::int64_t>(space.resident_ + space.swapped_ + space.tables_.tables());
    const std::int64_t memory = std::int64_t{settings_.frames} + settings_.swap_slots;
    return pages + space.out_of_memory_adjustment * (memory / 1000);
}

SpaceId Memory::choose_victim(SpaceId found_no_room) const {
    constexpr std::int32_t never = -1000;
    DomainId full = no_domain;
    if (found_no_room != no_space)
        if (const DomainId own = spaces_[found_no_room]->domain_; own != no_domain)
            if (constexpr std::uint32_t most_wanted = 2; domains_[own].charged + most_wanted > domains_[own].limit)
                full = own;
    SpaceId victim = no_space;
    std::int64_t worst = 0;
    for (SpaceId id = 0; id < spaces_.size(); ++id) {
        if (!spaces_[id] || spaces_[id]->out_of_memory_adjustment == never) continue;
        if (full != no_domain && spaces_[id]->domain_ != full) continue;
        if (const std::int64_t points = badness(id); victim == no_space || points > worst) {
            victim = id;
            worst = points;
        }
    }
    return victim;
}

} // namespace switchyard::sim::memory
