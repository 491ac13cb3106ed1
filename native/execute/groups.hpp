// A scenario's control groups, made for one run: cgroups(7), version 2, the cpu controller.
//
// They lie below one directory of the run's at the root of the hierarchy, so that its tasks without a group compete
// with the groups as siblings, the way the scenario has it. They are threaded, so that threads of one process can be in
// several. Nothing outside that directory is changed: where the controller is not enabled for the root's children
// (cgroup.subtree_control), there are no groups, and a note says so.
//
// The directory bears the starter's process id, so that somebody else can remove it where the starter was killed.
#pragma once

#include "models/scenario/scenario.hpp"

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace switchyard::native {

// cpu.weight of so many shares: shares_of_weight backwards, to the nearest from 1 to 10000.
[[nodiscard]] std::int64_t weight_of_shares(std::int64_t shares);

// Removes what starters that are no more have left in the hierarchy mounted at `mount` (empty: where this machine has
// it), and what `owner` has, if given. Whether nothing of it is left.
bool remove_abandoned_control_groups(pid_t owner = 0, std::filesystem::path mount = {});

class ControlGroups {
public:
    // Makes the groups of the scenario, if it has any, in the hierarchy mounted at `mount` (empty: where this machine
    // has it). Each is a directory named after its index below its parent's.
    explicit ControlGroups(const Scenario& scenario, std::filesystem::path mount = {});
    ControlGroups(const ControlGroups&) = delete;
    ControlGroups& operator=(const ControlGroups&) = delete;
    // Removes them; the tasks in them must have ended.
    ~ControlGroups();

    [[nodiscard]] const std::string& directory() const { return directory_; } // of the run; empty: there are none
    [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

private:
    void make(const Scenario& scenario, const std::filesystem::path& mount);

    std::string directory_;
    std::vector<std::filesystem::path> made_; // parents before children
    std::vector<std::string> notes_;
};

} // namespace switchyard::native
