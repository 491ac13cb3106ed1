// A recording as the trace that a run of the imported scenario has: what the two are compared by.
#pragma once

#include "lab/recording/import.hpp"
#include "models/trace/event.hpp"

#include <cstdint>

namespace switchyard::lab {

struct RecordedTrace {
    Trace trace; // task i is Behaviours::threads[i]; times count from Behaviours::origin
    // Threads outside took the processor, and the same thread went on there afterwards: no switch between those that
    // were imported, and none in the trace.
    std::uint64_t interludes = 0;
};

[[nodiscard]] RecordedTrace recorded_trace(const Import& import);

} // namespace switchyard::lab
