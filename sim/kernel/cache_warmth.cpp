#include "sim/kernel/cache_warmth.hpp"

#include "sim/kernel/dispatch.hpp"
#include "sim/kernel/operations.hpp"
#include "sim/kernel/virtual_memory.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace switchyard::sim {

namespace {

using Owner = CacheWarmth::Owner;

// Between two of these the thread can be preempted.
constexpr Duration longest_refill_step = std::chrono::microseconds{20};

constexpr Owner no_owner = UINT32_MAX;
constexpr std::array refills{Cost::cache_refill, Cost::cache_refill_core, Cost::cache_refill_memory};

Bytes size_known_to(const CostProfile& profile, Cost cost) {
    return profile[cost] ? Bytes{evaluate(*profile[cost])} : Bytes{};
}

// Whether a refill is known to cost nothing.
bool is_free(const std::optional<Law>& law) { return law && law->kind == Law::Kind::constant && law->base == 0; }

Owner new_owner(CacheWarmth& warmth) {
    if (warmth.free_owners.empty()) return warmth.owners++;
    const Owner owner = warmth.free_owners.back();
    warmth.free_owners.pop_back();
    return owner;
}

void release(CacheWarmth& warmth, Owner owner) {
    for (CacheContents& cache : warmth.own) cache.forget(owner);
    for (PlacedContents& cache : warmth.placed) cache.forget(owner);
    for (CacheContents& cache : warmth.shared) cache.forget(owner);
    warmth.free_owners.push_back(owner);
}

// Who is gone over, how much of it, and whether for the first time.
struct Visited {
    Owner owner = no_owner;
    Bytes size;
    bool is_new = false;
};

Visited visit_own(const Execution& e, Bytes size) {
    CacheWarmth& warmth = *e.kernel.caches;
    if (e.actor >= warmth.tasks.size()) warmth.tasks.resize(e.kernel.tasks.size(), no_owner);
    Owner& owner = warmth.tasks[e.actor];
    const bool is_new = owner == no_owner;
    if (is_new) owner = new_owner(warmth);
    return {owner, size, is_new};
}

// No owner where it is not mapped.
Visited visit_region(const Execution& e, std::uint32_t region) {
    CacheWarmth& warmth = *e.kernel.caches;
    VirtualMemory& vm = *e.kernel.virtual_memory;
    const Task& task = e.task();
    const std::uint32_t number = vm.numbering.of_program[task.drawing_task][region];
    const memory::SpaceId space = vm.space_of[task.process];
    const NamedRegion& visited = vm.spaces[space].regions[number];
    if (!visited.mapped) return {};
    const Bytes size{static_cast<std::int64_t>(visited.pages) * vm.page_size};
    const std::uint64_t key = std::uint64_t{e.kernel.processes[task.process].address_space} << 32 | number;
    const auto [entry, is_new] = warmth.regions.try_emplace(key);
    CacheWarmth::RegionOwner& known = entry->second;
    if (!is_new && known.first_page == visited.first) return {known.owner, size, false};
    if (vm.memory.space(space).figures(visited.first, visited.pages).resident / memory::page_bytes < visited.pages) {
        SourceLocation where;
        if (task.counter < task.program->locations.size()) where = task.program->locations[task.counter];
        where.file = e.kernel.scenario->file;
        throw InputError(fmt::format("compute: '{}' has pages that are not there: map it with 'populate: true', or "
                                     "touch it with 'access: write' before",
                                     task.program->memory.regions[region]),
                         where);
    }
    if (!is_new) release(warmth, known.owner);
    known = {new_owner(warmth), visited.first};
    return {known.owner, size, true};
}

// What of it others have displaced from the core's own caches.
std::int64_t use_own(CacheWarmth& warmth, std::uint32_t physical_core, const Visited& visited) {
    if (!warmth.placed.empty()) return warmth.placed[physical_core].use(visited.owner, visited.size).count;
    const std::int64_t missing = warmth.own[physical_core].use(visited.owner, visited.size).count;
    return visited.size > warmth.own_size ? 0 : missing; // it never is there
}

std::int64_t held(const CacheWarmth& warmth, std::uint32_t physical_core, Owner owner) {
    return (warmth.placed.empty() ? warmth.own[physical_core].held(owner) : warmth.placed[physical_core].held(owner))
        .count;
}

// How much of it some other core's own caches have, of those that share the last-level one.
std::int64_t held_by_another(const Kernel& kernel, CoreId core, Owner owner) {
    const Topology& topology = kernel.topology;
    std::int64_t most = 0;
    for (const std::uint32_t other : topology.cores_of_cache(topology.cache(core)))
        if (topology.physical_core(other) != topology.physical_core(core))
            most = std::max(most, held(*kernel.caches, topology.physical_core(other), owner));
    return most;
}

// What going over it brings into the core's caches costs.
Duration bring_in(const Execution& e, const Visited& visited) {
    Kernel& kernel = e.kernel;
    CacheWarmth& warmth = *kernel.caches;
    const std::int64_t missing = use_own(warmth, kernel.topology.physical_core(e.core), visited);
    std::int64_t from_memory = 0;
    if (!warmth.shared.empty()) {
        from_memory = warmth.shared[kernel.topology.cache(e.core)].use(visited.owner, visited.size).count;
        if (visited.is_new || visited.size > warmth.shared_size) from_memory = 0;
    }
    if (missing == 0 && from_memory == 0) return {};
    const std::int64_t from_core = std::min(missing, held_by_another(kernel, e.core, visited.owner));
    from_memory = visited.size > warmth.own_size ? from_memory : std::min(from_memory, missing - from_core);
    const std::array amounts{std::max<std::int64_t>(missing - from_core - from_memory, 0), from_core, from_memory};
    Duration takes{};
    ++kernel.counters.refills;
    for (std::size_t i = 0; i < amounts.size(); ++i) {
        if (amounts[i] == 0) continue;
        kernel.counters.bytes_refilled += static_cast<std::uint64_t>(amounts[i]);
        takes += charge(kernel, refills[i], Quantity::bytes, amounts[i]);
    }
    return takes;
}

} // namespace

std::unique_ptr<CacheWarmth> create_cache_warmth(Kernel& kernel) {
    const Scenario& scenario = *kernel.scenario;
    if (std::ranges::all_of(scenario.tasks, [](const TaskTemplate& task) { return task.program.working_sets.empty(); }))
        return nullptr;
    auto warmth = std::make_unique<CacheWarmth>();
    const CostProfile& profile = *kernel.profile;
    const CacheSizes& wanted = scenario.machine.caches;
    warmth->own_size = wanted.own.count > 0 ? wanted.own : size_known_to(profile, Cost::cache_private);
    warmth->shared_size = wanted.shared.count > 0 ? wanted.shared : size_known_to(profile, Cost::cache_shared);
    const bool costs_nothing = std::ranges::all_of(refills, [&](Cost cost) { return is_free(profile[cost]); });
    warmth->charges = !costs_nothing && warmth->own_size.count > 0;
    if (!costs_nothing && !warmth->charges)
        kernel.charged.set(static_cast<std::size_t>(Cost::cache_private)); // for the report's notes
    if (!warmth->charges) return warmth;
    const Bytes way = wanted.own.count > 0 ? Bytes{} : size_known_to(profile, Cost::cache_private_way);
    if (way >= base_page && way <= warmth->own_size)
        warmth->placed.assign(kernel.topology.physical_cores(), PlacedContents(warmth->own_size, way));
    else
        warmth->own.assign(kernel.topology.physical_cores(), CacheContents(warmth->own_size));
    if (warmth->shared_size.count > 0)
        warmth->shared.assign(kernel.topology.caches(), CacheContents(warmth->shared_size));
    return warmth;
}

Step warm_up(const Execution& e) {
    CacheWarmth& warmth = *e.kernel.caches;
    const Task& task = e.task();
    if (e.kernel.processes[task.process].dying) return end_process(e, Ending::crashed); // of the region, see below
    const WorkingSet& over = task.program->working_sets[e.operation().object];
    if (!warmth.charges && over.region == no_region) return Step::next;
    const Visited visited = over.region == no_region ? visit_own(e, over.size) : visit_region(e, over.region);
    if (visited.owner == no_owner)
        return die(e, fmt::format("{} died: computed over its region '{}', which is not mapped",
                                  e.kernel.rows[task.row].name, task.program->memory.regions[over.region]));
    if (!warmth.charges) return Step::next;
    if (e.actor >= warmth.debts.size()) warmth.debts.resize(e.kernel.tasks.size());
    CacheWarmth::Debt& debt = warmth.debts[e.actor];
    // What it had not brought in yet when it was displaced is displaced, too.
    if (const Duration takes = bring_in(e, visited); takes > Duration::zero())
        debt = {debt.core == e.core ? std::max(debt.owed, takes) : takes, e.core};
    if (debt.owed == Duration::zero()) return Step::next;
    const Duration step = std::min(debt.owed, longest_refill_step);
    debt.owed -= step;
    spend(e.kernel, e.core, step, TimeCategory::refill, false);
    return Step::spent;
}

void forget_working_set(Kernel& kernel, TaskId task) {
    CacheWarmth& warmth = *kernel.caches;
    if (task < warmth.debts.size()) warmth.debts[task] = {};
    if (task >= warmth.tasks.size() || warmth.tasks[task] == no_owner) return;
    release(warmth, warmth.tasks[task]);
    warmth.tasks[task] = no_owner;
}

} // namespace switchyard::sim
