// Traces as the text that tracefs' `trace` file has (Documentation/trace/ftrace.rst): sched_switch and sched_waking,
// for whoever reads that: trace-cmd's kin, Perfetto, `switchyard import`. What they are: kernel_events.hpp.
#pragma once

#include "models/trace/event.hpp"

#include <iosfwd>

namespace switchyard::formats {

// In nanoseconds, rounded down, where tracefs prints microseconds. Memory grows with the number of tasks and cores.
void write_ftrace_text(const Trace& trace, std::ostream& stream);

} // namespace switchyard::formats
