// How this machine's processors hang together, as the kernel tells it in sysfs.
#pragma once

#include "models/machine/topology_description.hpp"

#include <span>
#include <string>
#include <vector>

namespace switchyard::native {

struct MachineTopology {
    std::vector<int> cpus;           // core i of the description is processor cpus[i]; ascending
    TopologyDescription description; // of these processors only
};

// Reads, below `root` (Documentation/ABI/testing/sysfs-devices-system-cpu and stable/sysfs-devices-node in Linux):
//   cpu/cpu*/topology/core_cpus_list (before Linux 5.3: thread_siblings_list)     physical cores
//   cpu/cpu*/cache/index*/{level,type,size,shared_cpu_list}                       caches from the second level on
//   cpu/cpu*/topology/package_cpus_list (core_siblings_list)                      last-level caches, if no cache is
//   told node/node*/{cpulist,distance}                                                 nodes that have processors,
//   distances cpu/cpu*/cpu_capacity                                                         speeds; 1024 is nominal
// of the processors `cpus`, or of all that are online if there are none of them. What a file does not say, or says
// illegibly, has the description's default (virtual machines and arm64 tell little). A cache that crosses the border of
// a node counts as one in each, as Linux's scheduler sees it (match_llc in arch/x86/kernel/smpboot.c), and likewise for
// anything else that is not nested: the result is a valid description. Throws SystemError where `cpus` is empty and
// cpu/online cannot be read.
[[nodiscard]] MachineTopology read_topology(const std::string& root = "/sys/devices/system",
                                            std::span<const int> cpus = {});

} // namespace switchyard::native
