// A scenario: the tasks, the machine they run on, how it schedules them, and what is expected of the run.
#pragma once

#include "models/machine/cost.hpp"
#include "models/machine/topology_description.hpp"
#include "models/scenario/communication.hpp"
#include "models/scenario/program.hpp"
#include "models/scenario/scheduling.hpp"
#include "models/scenario/server.hpp"
#include "models/scenario/synchronisation.hpp"

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

// One parameter of a policy as it was written; the policy itself knows what it means and checks it.
struct PolicyParameter {
    std::string name;
    std::string text;
    SourceLocation where;
};

// The simulated machine's memory.
struct MachineMemory {
    std::optional<Bytes> size; // none: no bound, nothing is ever reclaimed
    Bytes swap;
    Bytes page_size = base_page;
    std::uint32_t address_bits = 48; // 32: two levels of page tables; 48: four; 57: five
    std::string replacement;         // the policy's name; empty: the simulator's choice
    SourceLocation replacement_where;
    std::vector<PolicyParameter> replacement_parameters;
    // Whose pages a page fault may replace: everybody's, or the own ones of a process, which has as many frames as each
    // other one, or as its TaskTemplate::memory_limit says (Denning 1980: global and local policies).
    bool replacement_is_local = false;
    std::uint32_t working_set_window = 1000; // references of a process, of which a working set is a report's
    std::vector<PolicyParameter> tlb;        // its parameters; none: the simulator's choice
    // Explicit huge pages set aside when the machine starts (vm.nr_hugepages), out of `size`: of 2 MiB, of 1 GiB.
    std::uint32_t large_pages = 0;
    std::uint32_t huge_pages = 0;
    [[nodiscard]] Bytes set_aside() const { return large_page * large_pages + huge_page * huge_pages; }
};

// What caches hold: each physical core's own, and the last-level one that cores share (Topology::cache).
struct CacheSizes {
    Bytes own;    // 0: the profile's
    Bytes shared; // 0: the profile's
    friend bool operator==(const CacheSizes&, const CacheSizes&) = default;
};

// What something takes on this machine, whatever the profile says.
struct MachineCost {
    Cost cost = Cost::system_call;
    Duration value{};
    friend bool operator==(const MachineCost&, const MachineCost&) = default;
};

// The simulated machine, as far as a scenario says; other costs are the profile's.
struct Machine {
    std::uint32_t cores = 1;
    std::string profile;             // "textbook", "reference", a file; empty: the caller's choice
    std::optional<std::uint32_t> hz; // timer ticks a second; 0: time is noticed exactly. Absent: the profile's
    TopologyDescription topology;    // of the cores, and their speeds: Topology(cores, topology) answers for it
    MachineMemory memory;
    CacheSizes caches;
    std::vector<MachineCost> costs; // simulated only
};

struct Scheduler {
    std::string policy = "rr";
    SourceLocation where;
    std::vector<PolicyParameter> parameters;
};

// A task as written: `count` instances of it run, each with draws of its own.
struct TaskTemplate {
    std::string name;
    SourceLocation where;
    TaskKind kind = TaskKind::thread;
    std::uint32_t count = 1;
    std::string process;        // thread, coroutine, fiber: the process it lives in; empty: "main"
    std::string carrier;        // coroutine, fiber: the thread that carries it; empty: "loop"
    std::uint32_t carriers = 1; // coroutine, fiber: how many threads there are of that name, which share what they
                                // carry (sim/kernel/stealing.hpp)
    std::string parent; // who has started its process: processes of one parent are relatives, as those of a shell's
                        // pipeline are, and may share pipes; empty: it is a stranger to all others
    bool ignores_children = false; // process, thread: SIGCHLD is ignored, so that children leave no zombies (wait(2))
    Bytes resident;                // process: memory it has touched before it starts (what a fork must copy tables for)
    SegmentSizes memory;           // process: the segments of its image, and of those it execs
    Bytes memory_limit; // process: what it and its children may have in memory (memory.max of a group of their own);
                        // beyond, its own pages are replaced. 0: no limit
    Distribution start; // ps after the beginning at which it becomes ready
    std::vector<std::uint32_t> cores; // affinity: the cores it may run on; empty: all
    Scheduling scheduling;
    std::uint32_t group = no_group;        // index into Scenario::groups
    std::uint32_t interpreter = no_object; // index into Scenario::locks, of one of that kind: it, and whatever it
                                           // starts, has the lock whenever it computes, and not where it may block
    std::string session; // whose implicit group it is in where autogroup is on; empty: one for all of these
    Program program;
};

// The DrawKey::operation under which TaskTemplate::start is drawn: no index into any code.
inline constexpr std::uint32_t start_operation = std::numeric_limits<std::uint32_t>::max();

inline constexpr std::uint32_t most_tasks = 1'000'000; // instances of all templates together
inline constexpr std::uint32_t most_carriers = 4096;   // threads of one name

// "After the run, `metric` is `value`": exactly, or within `tolerance` (a share of it).
struct Expectation {
    std::string metric;
    std::string value; // with its unit, as written: read by the metric it is about
    double tolerance = 0;
    SourceLocation where;
};

// "The prediction of `metric` is within `error` (a share) of what is measured", or, of times and sizes, `within` so
// much.
struct ValidationTarget {
    std::string metric;
    double error = 0;
    SourceLocation where;
    std::string within{}; // "50us", as written: counts instead of `error` where it is not empty
};

struct Scenario {
    std::string file; // where it was read from; empty for one that was built
    std::string name;
    std::string about;
    std::uint64_t seed = 1;
    Machine machine;
    Scheduler scheduler;
    std::vector<Semaphore> semaphores;
    std::vector<Channel> channels;
    std::vector<Device> devices;
    std::vector<RequestAmount> request_amounts; // "request.NAME"
    std::vector<Lock> locks;
    std::vector<Condition> conditions;
    std::vector<Barrier> barriers;
    std::vector<Variable> variables;
    std::vector<Group> groups; // parents before their children
    std::vector<TaskTemplate> tasks;
    std::optional<Server> server; // until `lower` has written it out; executors never see one
    std::vector<Expectation> expectations;
    std::vector<ValidationTarget> targets;
};

// Throws InputError, with its place where one is known, for a scenario no executor could run: no task, impossible core
// counts or affinities, names used twice, memory that does not fit together, tasks that cannot share a process or
// carrier, too many tasks, a program its task cannot run (models/scenario/program_validation.hpp), an expectation of
// what no report has. Readers and builders call it; executors rely on it. A scheduling policy and its parameters are
// for the executor to know.
void validate(const Scenario& scenario);

// Adds a channel; of a two-way kind both, named for their ends.
void add_channel(std::vector<Channel>& channels, Channel channel);

// What its programs may refer to.
[[nodiscard]] ObjectNames object_names(const Scenario& scenario);

// The names of all observations, each once, in the order of the programs.
[[nodiscard]] std::vector<std::string> observation_names(const Scenario& scenario);

// Writes a Scenario as one says it:
//
//     const Scenario scenario = ScenarioBuilder("two tasks")
//         .cores(1).profile("textbook").scheduler("rr", {{"slice", "1s"}})
//         .task("A", TaskKind::thread, [](ProgramBuilder& task) { task.compute(10s); })
//         .task("B", TaskKind::thread, [](ProgramBuilder& task) { task.compute(10s); })
//         .build();
class ScenarioBuilder {
public:
    explicit ScenarioBuilder(std::string name);

    ScenarioBuilder& about(std::string text);
    ScenarioBuilder& seed(std::uint64_t value);
    ScenarioBuilder& cores(std::uint32_t count);
    // How the cores hang together and, if it says so, how fast they are; it also sets how many there are, if it names
    // them: `.topology(describe({.nodes = 2, .cores_per_cache = 4}))`.
    ScenarioBuilder& topology(TopologyDescription description);
    // Of each core, in thousandths of nominal.
    ScenarioBuilder& speeds(std::vector<std::uint32_t> thousandths);
    ScenarioBuilder& memory(MachineMemory memory);
    ScenarioBuilder& caches(CacheSizes sizes);
    ScenarioBuilder& profile(std::string name);
    ScenarioBuilder& hz(std::uint32_t ticks_per_second);
    ScenarioBuilder& scheduler(std::string policy, const std::map<std::string, std::string>& parameters = {});
    // What tasks synchronise by and talk through comes before the tasks that use it. `adjust` sets what is not usual.
    ScenarioBuilder& semaphore(std::string name, std::int64_t initial = 0);
    ScenarioBuilder& pipe(std::string name, Bytes capacity = {65536});
    // A socket becomes two: NAME.client and NAME.server.
    ScenarioBuilder& channel(const std::string& name, ChannelKind kind,
                             const std::function<void(Channel&)>& adjust = {});
    ScenarioBuilder& device(std::string name, Distribution service, std::uint32_t parallel = 1,
                            std::uint32_t depth = 0);
    ScenarioBuilder& request_amount(std::string name, Distribution amount);
    ScenarioBuilder& lock(std::string name, LockKind kind = LockKind::mutex,
                          const std::function<void(Lock&)>& adjust = {});
    ScenarioBuilder& condition(std::string name);
    ScenarioBuilder& barrier(std::string name, std::uint32_t parties);
    ScenarioBuilder& variable(std::string name, std::int64_t initial = 0, bool atomic = false);
    // A group of tasks comes before the tasks and groups in it; `adjust` sets its shares, quota, period and burst.
    ScenarioBuilder& group(std::string name, const std::function<void(Group&)>& adjust = {},
                           std::string_view parent = {});
    // `adjust` sets what the other arguments do not: count, process, carrier, resident, start, cores, scheduling,
    // group.
    ScenarioBuilder& task(std::string name, TaskKind kind, const ProgramBuilder::Body& program,
                          const std::function<void(TaskTemplate&)>& adjust = {});
    // A server and the load on it, which `build` writes out (lower).
    // `request` is what is done for each request (server_steps).
    ScenarioBuilder& server(Server server, const ProgramBuilder::Body& request);
    ScenarioBuilder& expect(std::string metric, std::string value, double tolerance = 0);
    ScenarioBuilder& target(std::string metric, double error);

    // The finished, lowered and validated scenario.
    [[nodiscard]] Scenario build() const;

private:
    Scenario scenario_;
};

} // namespace switchyard
