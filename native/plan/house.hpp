// Who lives where: the processes of a scenario, their threads, and the tasks on each.
#pragma once

#include "models/scenario/scenario.hpp"

#include <cstdint>
#include <limits>
#include <vector>

namespace switchyard::native {

// One instance of a task template.
struct Member {
    std::uint32_t program = 0; // index of the template
    std::uint32_t number = 0;  // among its instances
};

// A thread the kernel knows: of one process or thread task, or of all the coroutines or fibers it carries.
struct ThreadMembers {
    bool carries = false;
    std::vector<Member> members;
    std::uint32_t like_template = 0; // index of the template it is bound and scheduled as
    std::uint32_t carriers = 1;      // so many threads share what they carry; they lie together,
    std::uint32_t place = 0;         // and this is which of them
};

inline constexpr std::uint32_t no_template = std::numeric_limits<std::uint32_t>::max();

struct ProcessThreads {
    bool is_task = false; // the first thread is that of the process task
    Bytes resident;
    std::vector<ThreadMembers> threads;
    std::uint32_t segments_of = no_template; // index of the template whose segments it has
};

// Process tasks come first, then the processes that other tasks name ("main" where they name none), as they are first
// mentioned. A process task that is named as somebody's process has him as a further thread. Carriers ("loop" where
// none is named) are threads of their process; several of one name are dealt what they carry in turn.
[[nodiscard]] std::vector<ProcessThreads> house_of(const Scenario& scenario);

} // namespace switchyard::native
