#include "formats/trace/write_trace.hpp"

#include "formats/json/chrome_trace.hpp"
#include "formats/trace/csv_trace.hpp"
#include "formats/trace/ftrace_text.hpp"
#include "formats/trace/perfetto/perfetto_trace.hpp"
#include "models/errors.hpp"

#include <filesystem>
#include <fmt/format.h>

namespace switchyard::formats {

TraceWriterFunction trace_writer_for(const std::string& file) {
    const std::string ending = std::filesystem::path(file).extension();
    if (ending == ".pftrace" || ending == ".perfetto-trace") return write_perfetto_trace;
    if (ending == ".json" || ending.empty()) return write_chrome_trace;
    if (ending == ".ftrace" || ending == ".txt") return write_ftrace_text;
    if (ending == ".csv") return write_csv_trace;
    throw InputError(fmt::format("no trace format is known by '{}': end the name with .pftrace (Perfetto), .json "
                                 "(Chrome), .ftrace (tracefs' text) or .csv",
                                 ending),
                     {file, 0, 0});
}

} // namespace switchyard::formats
