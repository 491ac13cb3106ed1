// Traces into files, in the format that the end of the file's name says:
//
//     .pftrace, .perfetto-trace    Perfetto (perfetto/perfetto_trace.hpp)
//     .json                        Chrome (json/chrome_trace.hpp)
//     .ftrace, .txt                the text of Linux's tracefs (ftrace_text.hpp)
//     .csv                         every event as it was recorded (csv_trace.hpp)
#pragma once

#include "models/trace/event.hpp"

#include <functional>
#include <iosfwd>
#include <string>

namespace switchyard::formats {

using TraceWriterFunction = std::function<void(const Trace&, std::ostream&)>;

// Who writes into a file of that name; Chrome's format for one without an ending, and "-". Throws InputError for
// another ending, so that nobody simulates for an hour first.
[[nodiscard]] TraceWriterFunction trace_writer_for(const std::string& file);

} // namespace switchyard::formats
