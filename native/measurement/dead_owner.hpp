// Things with a name that carry their owner's process id, so that whoever comes next can tell what was left behind.
#pragma once

#include <string_view>
#include <sys/types.h>

namespace switchyard::native {

// The process a name belongs to, `prefix` and a process id and nothing else; 0: it is no such name.
[[nodiscard]] pid_t owner_in(std::string_view name, std::string_view prefix);

// Whether it is such a name and its process is gone.
[[nodiscard]] bool is_of_dead_process(std::string_view name, std::string_view prefix);

} // namespace switchyard::native
