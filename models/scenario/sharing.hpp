// Which of what tasks synchronise by is used by more than one process: its futexes take the kernel longer to find
// (futex(2), FUTEX_PRIVATE_FLAG).
#pragma once

#include "models/scenario/scenario.hpp"

#include <vector>

namespace switchyard {

// By index into the scenario's.
struct SharingOfProcesses {
    std::vector<bool> semaphores;
    std::vector<bool> locks;
    std::vector<bool> conditions;
    std::vector<bool> barriers;
};

// A task that forks shares with its child whatever its program uses.
[[nodiscard]] SharingOfProcesses shared_between_processes(const Scenario& scenario);

} // namespace switchyard
