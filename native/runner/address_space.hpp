// The regions of one process of the run: where they lie, and what is done to them.
#pragma once

#include "models/scenario/memory.hpp"
#include "native/plan/shared_state.hpp"

#include <atomic>
#include <cstdint>
#include <vector>

namespace switchyard::native {

struct Run;
struct Task;

struct MappedRegion {
    std::byte* address = nullptr; // where it is, or was; none: it has never been mapped here
    std::int64_t size = 0;
    std::uint32_t start_page = 0;
    bool is_mapped = false;
    std::int64_t page_size = 0; // of explicit huge pages, else 0
};

// A fork's child has it with all the memory it is about.
struct AddressSpace {
    std::vector<MappedRegion> regions; // under the plan's numbering; empty: no operation is about memory
    RegionPlacement placement;
    std::atomic_flag busy; // held while a region is changed: threads of one process do that
};

// The segments of a new process, or of a new image: none of their pages is present. Faults that nobody handles kill the
// process from now on, its tasks being recorded as crashed.
void prepare_address_space(const Run& run, const PlanProcess& process, AddressSpace& space);

// A new image needs a stack of its own, whatever this one's limit was.
void restore_stack_limit();

// The operations; `task` is at the one to be done.
void map_region(Task& task, const PlanMemoryOperation& operation);
void unmap_region(Task& task, const PlanMemoryOperation& operation);
void remap_region(Task& task, const PlanMemoryOperation& operation);
void protect_region(Task& task, const PlanMemoryOperation& operation);
void change_heap(Task& task, const PlanMemoryOperation& operation);
void advise_region(Task& task, const PlanMemoryOperation& operation);

// `first_page`: where in the plan's pages the reference string lies, if it is drawn.
void touch_region(Task& task, const PlanMemoryOperation& operation, std::int64_t first_page);

} // namespace switchyard::native
