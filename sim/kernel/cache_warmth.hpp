// Whose working sets the machine's caches hold, and what it costs a computation that finds its own displaced.
//
// Every physical core has caches of its own, taken together as the largest of them; cores share a last-level cache as
// the topology says (Topology::cache). A computation that names its working set (WorkingSet) goes over all of it
// whenever it begins or goes on. What is not there any more comes back: out of the caches of another core's that has
// it, out of the shared cache, or from memory (laws cache.refill*). That time is the task's own, and time of refill.
// Then the computation finds everything in place, until somebody else's working set has taken its room.
//
// Where the profile knows the ways of a core's own cache (`cache.private.way`), pages compete for them by colour, and a
// cache that is nearly full already loses some (placed_contents.hpp). Otherwise, in shared caches, and where a scenario
// gives the size, the cache takes whatever fits.
//
// There, a working set that is larger than a cache never is in it: coming round again it finds nothing, with or without
// others (cache_contents.hpp), so this is part of what the computation takes, and no refill. It leaves nothing to
// others, though.
//
// Tasks are told apart by what they go over: a region of an address space, which all threads of a process share, or so
// many bytes of the task's own. What nobody has gone over yet was written by whoever made it: it is in the shared cache
// and in no core's own. Not modelled: what tasks without a working set and the kernel displace, stores (which take
// lines away from other cores), and that those who run at the same time push each other out of a cache all the while.
#pragma once

#include "sim/kernel/execution.hpp"
#include "sim/memory/cache_contents.hpp"
#include "sim/memory/placed_contents.hpp"

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace switchyard::sim {

struct CacheWarmth {
    using Owner = CacheContents::Owner;

    // A region under the name it has in an address space. One that is mapped anew lies elsewhere (RegionPlacement).
    struct RegionOwner {
        Owner owner = 0;
        std::uint64_t first_page = 0;
    };
    // What a task still has to bring in, and where to.
    struct Debt {
        Duration owed{};
        CoreId core = no_core;
    };

    bool charges = false; // the profile knows caches, and what refilling them costs
    Bytes own_size, shared_size;
    std::vector<CacheContents> own;                         // by physical core
    std::vector<PlacedContents> placed;                     // instead, where its ways are known
    std::vector<CacheContents> shared;                      // by last-level cache; none: it holds everything
    std::unordered_map<std::uint64_t, RegionOwner> regions; // by address space and region
    std::vector<Owner> tasks;                               // by task: of what is its own
    std::vector<Debt> debts;                                // by task
    std::vector<Owner> free_owners;
    Owner owners = 0; // so far
};

// Nothing where no task names a working set.
[[nodiscard]] std::unique_ptr<CacheWarmth> create_cache_warmth(Kernel& kernel);

// The task is at a `compute` that goes over something: what is missing of it is brought in, step by step. Step::next:
// all is there. Throws InputError where the region's pages are not; touching what is not mapped ends the process.
[[nodiscard]] Step warm_up(const Execution& e);

// What was the task's own is no more.
void forget_working_set(Kernel& kernel, TaskId task);

} // namespace switchyard::sim
