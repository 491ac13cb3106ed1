// What the kernel says of a task's faults and a region's pages.
//
// The runner's own doings must not show. Faults and page tables are taken as differences across the memory operations
// themselves, and what the runner needs for that is present beforehand.
#pragma once

#include "native/plan/plan.hpp"

#include <cstdint>

namespace switchyard::native {

struct AddressSpace;
struct Run;
struct Task;

// Since the task's previous observation, or its start.
struct FaultFigures {
    std::int64_t minor_faults = 0;
    std::int64_t major_faults = 0;
    std::int64_t page_tables = 0; // bytes; of its process
    bool page_tables_known = true;
};

// Counts for a task what happens while it exists, where the plan has somebody observe; else it is nothing.
class FaultWindow {
public:
    explicit FaultWindow(Task& task);
    ~FaultWindow() { close(); }
    FaultWindow(const FaultWindow&) = delete;
    FaultWindow& operator=(const FaultWindow&) = delete;

    void close(); // counts; for a process that dies within it

private:
    Task* task_;
    FaultFigures before_;
};

// Makes present what the calling process executes and writes while it measures, where the plan has somebody observe: at
// its start, and in parent and child after a fork, which took it away.
void settle(const Run& run, const AddressSpace& space);

// The task's program is over: the sizes its process has now go to its record, where the plan has somebody observe, and
// no other thread lives in the process.
void look_at_process(const Task& task);

// Adds what is seen now to the operation's row of the report.
void observe(Task& task, const PlanMemoryOperation& operation);

// Of what a reference is about.
inline constexpr std::int64_t page_bytes = base_page.count;

} // namespace switchyard::native
