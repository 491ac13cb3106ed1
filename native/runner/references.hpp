// References to the pages of regions, and what becomes of those that nobody permits.
#pragma once

#include "native/runner/task.hpp"

namespace switchyard::native {

// From now on a reference that is forbidden is recorded, with its address and why, before the process dies of it; its
// task counts as crashed. For the calling process.
void record_forbidden_references();

// The task reads in a region as long as it lives: a reference that is forbidden then is the task's.
class ReadsIn {
public:
    ReadsIn(Task& task, std::uint32_t region);
    ~ReadsIn();
    ReadsIn(const ReadsIn&) = delete;
    ReadsIn& operator=(const ReadsIn&) = delete;

private:
    PlanMemoryOperation read_; // what it would be as an operation of its own
};

} // namespace switchyard::native
