// Huge pages set aside for one run: what a scenario's mappings of explicit huge pages need and this machine does not
// have free is added to its pool (/sys/kernel/mm/hugepages), which takes root and memory, and given back at the end.
//
// Only pages of 2 MiB are added: memory is seldom whole enough for one of 1 GiB once a machine has started. What was
// added stands in a file of /run under the starter's process, so that somebody else can give back what one that was
// killed has left: "added 16", or, before the kernel has found them, "adding 16 to 3".
#pragma once

#include "models/scenario/scenario.hpp"

#include <cstdint>
#include <filesystem>
#include <sys/types.h>

namespace switchyard::native {

// Gives back what starters that are no more have added, and what `owner` has, if given.
void give_back_abandoned_huge_pages(pid_t owner = 0, const std::filesystem::path& pools = "/sys/kernel/mm/hugepages",
                                    const std::filesystem::path& records = "/run");

class HugePageReserve {
public:
    // Throws InputError with the reason why the scenario cannot run natively where there are not enough of them.
    explicit HugePageReserve(const Scenario& scenario, const std::filesystem::path& pools = "/sys/kernel/mm/hugepages",
                             std::filesystem::path records = "/run");
    HugePageReserve(const HugePageReserve&) = delete;
    HugePageReserve& operator=(const HugePageReserve&) = delete;
    ~HugePageReserve();

private:
    void give_back();

    std::filesystem::path large_; // the pool of 2 MiB
    std::filesystem::path records_;
    std::int64_t added_ = 0;
};

} // namespace switchyard::native
