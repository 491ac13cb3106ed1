// Caches of equal objects (Bonwick 1994, "The Slab Allocator: An Object-Caching Kernel Memory Allocator", USENIX). A
// slab is a block of pages cut into objects; slabs are on a list of partial, full or empty ones. An object comes from a
// partial slab if there is one, else from an empty one, else from a new one; within a slab the one given back last goes
// first. Empty slabs are kept up to a number, then their pages go back. What the objects leave of a slab is used to
// shift them by a colour from slab to slab, so that they do not all fall into the same sets of the processor's cache.
// Everything is O(1), but for the pages, which a buddy allocator gives.
#pragma once

#include "sim/memory/allocators/buddy.hpp"
#include "sim/memory/allocators/fragmentation.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace switchyard::sim {

struct SlabRules {
    std::uint32_t object_size = 0; // bytes
    std::uint32_t alignment = 8;   // a power of two; sizes are rounded up to it
    unsigned order = 0;            // pages of a slab: 2^order
    std::uint32_t page_size = 4096;
    std::uint32_t empty_kept = 1; // slabs
};

class SlabCache {
public:
    // Allocates from `pages`, which has to live as long. Throws InputError for an object that is larger than a slab, a
    // size of 0, and an alignment that is no power of two.
    SlabCache(BuddyAllocator& pages, const SlabRules& rules);
    ~SlabCache(); // gives all its slabs back
    SlabCache(const SlabCache&) = delete;
    SlabCache& operator=(const SlabCache&) = delete;

    // The address of an object, in bytes; none where a slab is wanted and there are no pages.
    std::optional<std::uint64_t> allocate();
    // False, and nothing happens, for what is no allocated object of this cache.
    bool free(std::uint64_t address);
    // Gives the pages of all empty slabs back; how many slabs.
    std::uint32_t shrink();

    enum class List : std::uint8_t { partial, full, empty };
    [[nodiscard]] std::uint32_t slabs(List list) const { return lists_[static_cast<std::size_t>(list)].length; }
    [[nodiscard]] std::uint32_t objects_per_slab() const { return objects_per_slab_; }
    [[nodiscard]] std::uint64_t objects() const { return objects_; } // in use
    [[nodiscard]] std::uint32_t colours() const { return colours_; }
    // In bytes. Requested: objects in use; taken: the slabs that hold any; free: empty slabs and free objects of
    // others, the largest piece being an empty slab or an object.
    [[nodiscard]] Fragmentation fragmentation() const;

private:
    static constexpr std::uint32_t none = ~std::uint32_t{0};
    struct Slab {
        BuddyAllocator::Page first_page = 0;
        std::uint32_t colour = 0; // bytes before the first object
        std::uint32_t in_use = 0;
        std::uint32_t first_free = none; // object
        std::uint32_t next = none;       // of its list, or of what is no slab at the moment
        std::uint32_t previous = none;
        List list = List::empty;
    };
    struct SlabList {
        std::uint32_t first = none;
        std::uint32_t length = 0;
    };
    void put(std::uint32_t slab, List list);
    void take_out(std::uint32_t slab);
    void move_to(std::uint32_t slab, List list);
    [[nodiscard]] std::optional<std::uint32_t> grow();
    void release(std::uint32_t slab);
    [[nodiscard]] List list_of(const Slab& slab) const;

    BuddyAllocator& pages_;
    SlabRules rules_;
    std::uint32_t stride_ = 0; // of objects
    std::uint32_t objects_per_slab_ = 0;
    std::uint32_t colours_ = 0;
    std::uint32_t next_colour_ = 0;
    std::vector<Slab> slabs_;
    std::vector<std::uint32_t> next_free_; // by slab and object: the next free one, `none` at the end, or `in_use_mark`
    std::vector<std::uint32_t> slab_of_;   // by page, `none` where it is no slab's first
    std::array<SlabList, 3> lists_{};
    std::uint32_t unused_slabs_ = none; // entries of slabs_
    std::uint64_t objects_ = 0;
};

} // namespace switchyard::sim
