// What a process consists of, as far as forking and ending it take the longer the more there is.
//
// fork(2) copies the entries of pages of the process's own into page tables it has to make (copy_page_range,
// mm/memory.c), one entry for a huge page, for which a table is laid by (copy_huge_pmd, mm/huge_memory.c); it copies
// the descriptions of regions (dup_mmap) and takes another reference to every open file (dup_fd, fs/file.c). What
// others map as well is found again by faults. The end of a process goes over all of that. The laws of a fork and an
// end without any of it are those of a small process.
#pragma once

#include "sim/kernel/execution.hpp"
#include "sim/memory/address_space/address_space.hpp"

namespace switchyard::sim {

struct ProcessContents {
    std::int64_t pages = 0; // of 4 KiB: entries copied, or present
    std::int64_t page_tables = 0;
    std::int64_t huge_pages = 0;
    std::int64_t regions = 0; // that have pages of the process's own
    std::int64_t descriptors = 0;
};

// What a fork has copied: `change`, where the scenario speaks of memory.
[[nodiscard]] ProcessContents copied_by_fork(const Kernel& kernel, ProcessId parent, const memory::Change* change);
// What there is of it as it ends.
[[nodiscard]] ProcessContents contents_of(const Kernel& kernel, ProcessId process);

// The time they take in the kernel.
[[nodiscard]] Duration cost_of_fork(Kernel& kernel, const ProcessContents& copied);
[[nodiscard]] Duration cost_of_exit(Kernel& kernel, const ProcessContents& contents);
// What an exec takes longer that has to give them up (exec_mmap, fs/exec.c); files stay open.
[[nodiscard]] Duration cost_of_replacing(Kernel& kernel, const ProcessContents& contents);

} // namespace switchyard::sim
