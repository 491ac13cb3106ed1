// Limits of processes' memory, made for one run: a control group for each limited process, version 1 or 2 of the memory
// controller, whichever this machine has.
//
// They lie below one directory of the run's, named after the starter's process, at the root of the hierarchy, so that
// somebody else can remove it where the starter was killed; nothing else is changed.
// The kernel counts more than a simulated process has frames for: page tables, stacks of threads, its own objects. The
// group is therefore allowed a little more than the scenario says (bytes_with_own). The kernel counts what is touched
// from the run's beginning on (memory.max does not look back).
#pragma once

#include "models/scenario/scenario.hpp"
#include "native/plan/plan.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace switchyard::native {

// A limit, and what the kernel needs for so much memory itself: a page table for every 512 pages, and 512 KiB.
[[nodiscard]] constexpr std::int64_t bytes_with_own(std::int64_t limit) {
    return limit + limit / 512 + (std::int64_t{512} << 10);
}

// A hierarchy with the memory controller that processes can be limited in.
struct MemoryHierarchy {
    std::filesystem::path mount;
    bool is_first_version = false;
};
// This machine's, as `mounts` (/proc/mounts) names them. Throws SystemError, saying what is missing.
[[nodiscard]] MemoryHierarchy find_memory_hierarchy(const std::filesystem::path& mounts = "/proc/mounts");

// Removes what starters that are no more have left, and what `owner` has, if given. Whether nothing of it is left.
bool remove_abandoned_memory_groups(pid_t owner = 0);

class MemoryGroups {
public:
    // Makes the groups of the plan's processes, if any is limited. Throws InputError with a reason why the scenario
    // cannot run natively where they cannot be made.
    MemoryGroups(const Scenario& scenario, const PlanView& plan);
    MemoryGroups(const MemoryGroups&) = delete;
    MemoryGroups& operator=(const MemoryGroups&) = delete;
    ~MemoryGroups(); // removes them; the processes in them must have ended

    [[nodiscard]] std::string directory() const { return made_.empty() ? "" : made_.front().string(); }
    // How many processes the kernel killed because they reached their limit; nothing where there are no limits, or the
    // kernel does not say.
    [[nodiscard]] std::optional<std::uint64_t> kills() const;

private:
    void make(const Scenario& scenario, const PlanView& plan);
    void remove();

    MemoryHierarchy hierarchy_;
    std::vector<std::filesystem::path> made_; // the run's, then those of processes
};

} // namespace switchyard::native
