// Traces as comma-separated values: every event, as it was recorded (models/trace/event.hpp).
#pragma once

#include "models/trace/event.hpp"

#include <iosfwd>

namespace switchyard::formats {

// A line of column names, then a line an event:
//     time_ps,kind,core,task,name,other,other_name,detail,value,count
// What an event does not have is empty. `detail` is a word: why it stopped, what overhead, which fault.
void write_csv_trace(const Trace& trace, std::ostream& stream);

} // namespace switchyard::formats
