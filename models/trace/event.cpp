#include "models/trace/event.hpp"

#include <array>

namespace switchyard {

std::string_view name_of(EventKind kind) {
    static constexpr std::array<std::string_view, 15> names{
        "created",   "ready",        "running",     "stopped", "resumed",     "suspended",     "overhead",     "ended",
        "job begun", "job finished", "job aborted", "faulted", "transferred", "out of memory", "TLB shootdown"};
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

std::string_view name_of(Transfer transfer) {
    static constexpr std::array<std::string_view, 3> names{"swapped in", "swapped out", "written back"};
    return names[static_cast<std::size_t>(transfer)];
}

std::string_view name_of(FaultKind kind) {
    static constexpr std::array<std::string_view, fault_kinds> names{
        "zero page", "anonymous", "copy",       "after zero page", "reuse",   "shared",   "page cache",
        "huge",      "huge zero", "huge reuse", "swap cache",      "swap in", "file read"};
    return names[static_cast<std::size_t>(kind)];
}

} // namespace switchyard
