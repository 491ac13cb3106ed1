// What the kernel knows of memory, in scenarios that speak of it: the machine's frames, the address space of every
// process with its regions by name, what each core has to translate addresses with, and the disk that pages are swapped
// to and read from.
//
// Memory operations themselves are in operations_of_memory.cpp. What they do is counted by sim/memory; here it becomes
// time, by the laws of the profile.
#pragma once

#include "models/report/observation.hpp"
#include "models/report/task_memory.hpp"
#include "models/scenario/memory_validation.hpp"
#include "models/scenario/reference_string.hpp"
#include "sim/kernel/kernel.hpp"
#include "sim/memory/address_space/address_space.hpp"
#include "sim/memory/address_space/working_set.hpp"
#include "sim/memory/translation/tlb.hpp"

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace switchyard::sim {

// A region as its address space has it now.
struct NamedRegion {
    bool mapped = false;
    std::uint32_t start_page = 0;
    memory::PageNumber first = 0;
    memory::PageNumber pages = 0;
    bool has_huge_pages = false; // explicit ones
};

// The address space of a process, by memory::SpaceId.
struct ProcessSpace {
    RegionPlacement placement;
    std::vector<NamedRegion> regions;                   // by RegionNumbering
    std::int64_t reserved = 0;                          // bytes
    std::optional<memory::WorkingSetMeter> working_set; // where memory is limited
};

// A `touch` in progress.
struct Touching {
    ReferenceString references;
    memory::PageNumber first;
    memory::Access access;
    AccessKind kind;
    // What comes next and has not been touched yet.
    memory::PageNumber run_first = 0;
    memory::PageNumber run_pages = 0;
};

// What a step of an operation still has to be paid for, in this order; the references themselves come last.
struct MemoryDebt {
    Duration kernel{};
    Duration faults{};
    Duration refill{};
    Duration work{};
    std::uint64_t pages_read = 0; // from the disk; the task waits for them
    Time advised{};               // until when pages are read that it was advised to, and needs now
};

// A task's own account, for `observe` and the report.
struct TaskMemory {
    memory::FaultCounts faults; // over its life: by kind, and what they moved
    std::uint64_t references = 0;
    std::uint64_t tlb_misses = 0;
    std::uint64_t page_walks = 0;
    std::int64_t minor_faults = 0;
    std::int64_t major_faults = 0;
    std::int64_t minor_faults_seen = 0;
    std::int64_t major_faults_seen = 0;
    std::int64_t page_tables = 0; // bytes its own operations have made, less those they gave back
    std::int64_t page_tables_seen = 0;
    MemoryDebt debt;
};

struct VirtualMemory {
    VirtualMemory(const Scenario& scenario, memory::MemorySettings settings);

    memory::Memory memory;
    memory::Layout layout;
    RegionNumbering numbering;
    std::int64_t page_size;
    std::vector<TranslationHardware> translation; // by core
    std::vector<memory::SpaceId> space_of;        // by process; no_space: its memory is gone
    std::vector<ProcessSpace> spaces;             // by space
    std::map<std::pair<std::uint32_t, std::uint32_t>, memory::ObjectId> files; // of a template's operation, or segment
    std::vector<TaskMemory> tasks;                                             // by task
    std::unordered_map<TaskId, Touching> touching;
    std::map<std::pair<std::uint32_t, std::uint32_t>, ZipfTable> zipf; // by pages and skew
    struct Observed {
        std::string name;
        std::string task; // the template
        ObservationSum sum;
    };
    std::vector<Observed> observations; // in the order of the programs
    struct RowMemory {
        MemoryFigureSum doings; // of tasks
        MemoryFigureSum sizes;  // of their processes
    };
    std::vector<RowMemory> rows;             // by row of the report: of tasks that have ended
    std::vector<memory::DomainId> domain_of; // by process: what limits it; no_domain: nothing but the machine
    bool has_limits = false;                 // some process is limited
    std::uint32_t share = 0;                 // frames of each process under local replacement; 0: it is global
    Time advised_until{};                    // when the disk has read what was advised last
    std::unordered_map<TaskId, memory::SpaceId> forking; // the child's, while the fork takes its time
    std::vector<std::string> notes;                      // of violations and kills
    std::int64_t reserved = 0;                           // bytes of all regions
    bool has_cold_files = false;                         // some file is not in the page cache as it is mapped
    Time disk_free{};                                    // when the disk has done what it was asked
    std::array<std::int64_t, 3> counted{};               // reserved, resident, kernel: what is in Kernel::memory
};

// Whether a scenario speaks of memory beyond the sizes of tasks.
[[nodiscard]] bool speaks_of_memory(const Scenario& scenario);

// Throws InputError for what the simulator cannot be: page sizes, a replacement policy or TLB it does not know.
[[nodiscard]] std::unique_ptr<VirtualMemory> create_virtual_memory(const Scenario& scenario);

// Whether pages may have to leave memory.
[[nodiscard]] inline bool is_limited(const VirtualMemory& vm) {
    return vm.memory.settings().frames > 0 || vm.has_limits;
}

// The address space of a new process: the segments of its template (`nothing`: none) and `resident` bytes of what else
// it has touched, present.
void create_space(Kernel& kernel, ProcessId process, std::uint32_t task_template, Bytes resident);
// A copy, for copying on write, of the address space of the task that forks: what that did is for the cost of the fork,
// and when its time is over the child takes it.
memory::Change fork_space(Kernel& kernel, TaskId forker);
void take_forked_space(Kernel& kernel, TaskId forker, ProcessId child);
// A vfork's child lives in its parent's.
void share_space(Kernel& kernel, ProcessId child, ProcessId parent);
// It is given up, unless the process does not own it.
void destroy_space(Kernel& kernel, ProcessId process);

// A new task begins to count its faults.
void begin_account(Kernel& kernel, TaskId task);

// The file that an operation maps, or a segment is of: one for all who execute it, with so many pages.
[[nodiscard]] memory::ObjectId file_of(VirtualMemory& vm, std::uint32_t task_template, std::uint32_t operation,
                                       memory::PageNumber pages, bool cached);
inline constexpr std::uint32_t operation_of_segment = 0x8000'0000; // and the segment's number

// What the task was at in memory, and will not finish.
void forget_task(Kernel& kernel, TaskId task);

// What the faults cost, but for the disk's time.
[[nodiscard]] Duration cost_of_faults(Kernel& kernel, const memory::FaultCounts& counts);
// They are the task's, and the machine's: counted, and added to what the task owes.
void note_faults(Kernel& kernel, TaskId task, const memory::FaultCounts& counts);

// When the disk has read so many pages and whatever it was asked before, or has been told to write that many.
[[nodiscard]] Time read_from_disk(Kernel& kernel, std::uint64_t pages);
void write_to_disk(Kernel& kernel, std::uint64_t pages);

// The regions of a process have changed.
void count_reserved(VirtualMemory& vm, memory::SpaceId space);

// Brings Kernel::memory up to what the address spaces have now.
void count_memory_in_use(Kernel& kernel);

} // namespace switchyard::sim
