// Memory in the trace: faults by kind and pages moved, one event a kind for each operation on regions and each step of
// a touch. Nothing of it is done where no trace is recorded.
#pragma once

#include "sim/kernel/execution.hpp"
#include "sim/memory/address_space/faults.hpp"

namespace switchyard::sim {

// What is to be told together.
struct FaultLog {
    std::array<std::uint64_t, fault_kinds> count{};
    std::array<memory::PageNumber, fault_kinds> first{}; // where the kind came up
    std::array<std::uint64_t, 3> transferred{};          // by Transfer

    void add(const memory::FaultCounts& faults);
};

// What was logged happened now.
void record_faults(const Execution& e, const FaultLog& log);

} // namespace switchyard::sim
