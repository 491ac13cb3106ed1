// What regions map besides memory of their own: files, through the page cache, and shared anonymous memory.
#pragma once

#include "sim/memory/address_space/frames.hpp"

#include <cstdint>
#include <vector>

namespace switchyard::sim::memory {

enum class ObjectKind : std::uint8_t { file, shared_memory, shared_huge_pages };

struct MemoryObject {
    ObjectKind kind = ObjectKind::file;
    bool in_use = false;
    std::uint32_t regions = 0;         // that map it
    std::vector<Entry> pages;          // by index: present (in the page cache), dirty, swapped, or 0 (on the device)
    std::vector<std::uint64_t> device; // contents on the device; empty until something was written back
    PageNumber read_ahead = 0;         // end of what was read ahead last
    unsigned huge_level = 0;           // shared_huge_pages: of which size its pages are
    bool has_reserved = false;         // and whether they are reserved
};

} // namespace switchyard::sim::memory
