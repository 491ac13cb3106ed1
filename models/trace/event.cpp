#include "models/trace/event.hpp"

#include <array>

namespace switchyard {

std::string_view name_of(EventKind kind) {
    static constexpr std::array<std::string_view, 11> names{"created",   "ready",        "running",    "stopped",
                                                            "resumed",   "suspended",    "overhead",   "ended",
                                                            "job begun", "job finished", "job aborted"};
    return names[static_cast<std::size_t>(kind)];
}

std::string_view name_of(Stop stop) {
    static constexpr std::array<std::string_view, 5> names{"preempted", "yielded", "blocked", "ended", "new job"};
    return names[static_cast<std::size_t>(stop)];
}

std::string_view name_of(Overhead overhead) {
    static constexpr std::array<std::string_view, 3> names{"switching", "kernel", "tick"};
    return names[static_cast<std::size_t>(overhead)];
}

std::string_view name_of(Ending ending) {
    static constexpr std::array<std::string_view, 5> names{"returned", "exited", "crashed", "killed", "replaced"};
    return names[static_cast<std::size_t>(ending)];
}

} // namespace switchyard
