#include "formats/scenario/keys.hpp"

#include "formats/scenario/communication_keys.hpp"
#include "formats/scenario/operation_keys.hpp"
#include "formats/scenario/server_keys.hpp"
#include "formats/scenario/synchronisation_keys.hpp"
#include "models/units/text.hpp"

#include <array>
#include <vector>

namespace switchyard::formats {

const ValueDescription& describe(ValueType type) {
    static constexpr std::array<ValueDescription, static_cast<std::size_t>(ValueType::operations) + 1> descriptions{{
        {.wanted = "nothing", .scalar = true},
        {.wanted = "a text", .scalar = true},
        {.wanted = "an integer", .scalar = true},
        {.wanted = "a time with its unit (10s, 250us)", .scalar = true},
        {.wanted = "a size with its unit (4KiB, 64MiB)", .scalar = true},
        {.wanted = "a share (10%)", .scalar = true},
        {.wanted = "a figure with its unit", .scalar = true},
        {.wanted = "a name", .scalar = true},
        {.wanted = "a name, or nothing", .scalar = true},
        {.wanted = "true or false", .scalar = true},
        {.wanted = "a list of words", .list = true},
        {.wanted = "a list of texts", .list = true},
        {.wanted = "a list of integers", .list = true},
        {.wanted = "a list of figures", .list = true},
        {.wanted = "a time with its unit (10s, 250us) or a distribution", .scalar = true, .map = true},
        {.wanted = "an integer or a distribution", .scalar = true, .map = true},
        {.wanted = "a time with its unit (10s, 250us), a distribution or a map", .scalar = true, .map = true},
        {.wanted = "a size with its unit (4KiB, 64MiB) or a map", .scalar = true, .map = true},
        {.wanted = "a figure with its unit or a map", .scalar = true, .map = true},
        {.wanted = "a name or a map", .scalar = true, .map = true},
        {.wanted = "an integer or a map", .scalar = true, .map = true},
        {.wanted = "a list of values or a map", .list = true, .map = true},
        {.wanted = "a map", .map = true},
        {.wanted = "a list of operations", .list = true},
    }};
    return descriptions[static_cast<std::size_t>(type)];
}

const KeyDescription* MapDescription::find(std::string_view key) const {
    for (const KeyDescription& known : keys)
        if (known.name == key) return &known;
    return others == OtherKeys::none ? nullptr : &other;
}

namespace {

using enum ValueType;
using namespace words; // of operation_keys.hpp

// the scenario -------------------------------------------------------------------------------------------------------

constexpr std::array topology_keys{
    KeyDescription{"nodes", integer, "NUMA nodes: processors with memory of their own"},
    KeyDescription{"caches_per_node", integer, "last-level caches of a node"},
    KeyDescription{"cores_per_cache", integer, "physical cores that share such a cache"},
    KeyDescription{"threads_per_core", integer, "hardware threads of a physical core: 'cores' counts these"},
};
constexpr MapDescription topology_map{
    .name = "'topology'", .about = "a machine all of whose parts are alike", .keys = topology_keys};
constexpr MapDescription costs_map{
    .name = "'costs'",
    .about = "what costs something else than the profile says, by the names profiles have for it",
    .keys = {},
    .others = OtherKeys::free,
    .other = {"", time, "what it costs"},
};
constexpr std::array caches_keys{
    KeyDescription{"private", size, "the largest cache of a core's own"},
    KeyDescription{"shared", size, "the last-level cache, which cores share"},
};
constexpr MapDescription caches_map{.name = "'caches'", .about = "what caches hold", .keys = caches_keys};
constexpr std::array machine_keys{
    KeyDescription{"cores", integer, "how many tasks can run at one instant"},
    KeyDescription{"topology", map, "what the cores share", false, &topology_map},
    KeyDescription{"speeds", figures, "of each core, as shares of nominal speed: 1, 0.5, 50%"},
    KeyDescription{"profile", text, "what everything costs: textbook, reference, or a file"},
    KeyDescription{"hz", integer, "timer ticks a second; 0: time is noticed exactly"},
    KeyDescription{"memory", size, "how much there is; without bound by default"},
    KeyDescription{"swap", size, "how much more fits on a device"},
    KeyDescription{"page_size", size, "4KiB by default"},
    KeyDescription{"address_bits", integer, "32, 48 or 57: two, four or five levels of page tables"},
    KeyDescription{"replacement", name_or_map, "which page has to go: clock, lru, ...", false, &replacement_map},
    KeyDescription{"huge_pages", map, "how many of them are set aside (vm.nr_hugepages)", false, &huge_pages_map},
    KeyDescription{"tlb", map, "what it is like", false, &tlb_map},
    KeyDescription{"working_set_window", integer,
                   "references of a process that make up a working set: 1000 by default"},
    KeyDescription{"caches", map, "what they hold; the profile's by default", false, &caches_map},
    KeyDescription{"costs", map, "what differs from the profile: {wake_up.remote: 20us}", false, &costs_map},
};
constexpr std::array scheduler_keys{
    KeyDescription{"policy", text, "fifo, rr, ..."},
};
constexpr std::array group_keys{
    KeyDescription{"parent", text, "the group it is in"},
    KeyDescription{"weight", integer, "cgroup v2's cpu.weight: 1 to 10000, 100 by default"},
    KeyDescription{"shares", integer, "cgroup v1's cpu.shares: 1024 by default"},
    KeyDescription{"quota", time, "processor time in each period, all cores together"},
    KeyDescription{"period", time, "of the quota: 100 ms by default"},
    KeyDescription{"burst", time, "of unused quota that may be saved up"},
    KeyDescription{"max", texts, "cgroup v2's cpu.max: [quota, period], the quota being a time or 'max'"},
};
constexpr std::array scheduling_keys{
    KeyDescription{"policy", text, "Linux's: normal, batch, idle, fifo, rr or deadline"},
    KeyDescription{"nice", integer, "-20 (much processor time) to 19 (little)"},
    KeyDescription{"priority", integer, "fifo, rr: 1 to 99; fixed-priority policies: any; the larger goes first"},
    KeyDescription{"tickets", integer, "lottery, stride: its share, 100 by default"},
    KeyDescription{"working_set", size, "memory it touches again and again: policies that know of caches"},
    KeyDescription{"slice", time, "normal, batch: a request length of its own"},
    KeyDescription{"timer_slack", time, "normal, batch, idle: how much later its sleeps may end"},
    KeyDescription{"runtime", time, "of a job: guaranteed by policy deadline, else its worst case"},
    KeyDescription{"deadline", time, "of a job, counted from its release; by default its period"},
    KeyDescription{"period", time, "between two releases"},
};
constexpr std::array periodic_keys{
    KeyDescription{"period", drawn_time, "from one release to the next", true},
    KeyDescription{"jobs", integer, "how many there are", true},
    KeyDescription{"deadline", time, "of each, counted from its release; by default the period"},
    KeyDescription{"runtime", time, "the worst case of one, for policies that ask"},
    KeyDescription{"on_miss", text, "continue: late jobs are finished; abort: they are given up at the deadline"},
};
constexpr MapDescription group_map{
    .name = "a group", .about = "tasks that share the processor as one", .keys = group_keys};
constexpr MapDescription groups_map{
    .name = "'groups'",
    .about = "control groups by name, parents first",
    .keys = {},
    .others = OtherKeys::names,
    .other = {"", map, "a group", false, &group_map},
};
constexpr MapDescription scheduling_map{
    .name = "'scheduling'", .about = "what the scheduler is told of a task", .keys = scheduling_keys};
constexpr MapDescription periodic_map{
    .name = "'periodic'", .about = "a real-time task whose every job does what 'do' says", .keys = periodic_keys};
constexpr std::array task_keys{
    KeyDescription{"kind", text, "process, thread, coroutine or fiber"},
    KeyDescription{"count", integer, "how many of them run"},
    KeyDescription{"process", text, "thread, coroutine, fiber: the process it lives in"},
    KeyDescription{"carrier", text, "coroutine, fiber: the thread that carries it"},
    KeyDescription{"parent", text, "who has started its process: those of one parent may share pipes"},
    KeyDescription{"ignores_children", boolean, "whether its children leave no zombies (SIGCHLD ignored)"},
    KeyDescription{"carriers", integer, "coroutine, fiber: how many threads of that name share what they carry"},
    KeyDescription{"resident", size, "process: memory it has touched before it starts"},
    KeyDescription{"memory", map, "process: the sizes of its segments, and its limit", false, &segments_map},
    KeyDescription{"start", drawn_time, "when it becomes ready"},
    KeyDescription{"cores", integers, "the cores it may run on, counted from 0"},
    KeyDescription{"scheduling", map, "what the scheduler is told of it", false, &scheduling_map},
    KeyDescription{"group", text, "the control group it is in"},
    KeyDescription{"interpreter", text, "the interpreter lock it has whenever it computes"},
    KeyDescription{"session", text, "where autogroup is on: tasks of one session share the processor as one"},
    KeyDescription{"periodic", map, "it does 'do' again and again, once each period", false, &periodic_map},
    KeyDescription{"do", operations, "what it does, in order", true},
};
constexpr std::array expectation_keys{
    KeyDescription{"value", figure, "what the metric should be", true},
    KeyDescription{"within", share, "how far off it may be"},
};
constexpr MapDescription machine_map{.name = "'machine'", .about = "the simulated machine", .keys = machine_keys};
constexpr MapDescription scheduler_map{
    .name = "'scheduler'",
    .about = "the policy, and its own parameters beside it",
    .keys = scheduler_keys,
    .others = OtherKeys::free,
    .other = {"", text, "a parameter of the policy"},
};
constexpr MapDescription semaphores_map{
    .name = "'semaphores'",
    .about = "counting semaphores by name",
    .keys = {},
    .others = OtherKeys::names,
    .other = {"", integer, "its initial value"},
};
constexpr MapDescription task_map{.name = "a task", .about = "what runs", .keys = task_keys};
constexpr MapDescription tasks_map{
    .name = "'tasks'",
    .about = "tasks by name",
    .keys = {},
    .others = OtherKeys::names,
    .other = {"", map, "a task", false, &task_map},
};
constexpr MapDescription expectation_map{
    .name = "an expectation", .about = "a value and its tolerance", .keys = expectation_keys};
constexpr MapDescription expect_map{
    .name = "'expect'",
    .about = "what every run is checked against, by metric",
    .keys = {},
    .others = OtherKeys::free,
    .other = {"", figure_or_map, "exactly this, or {value, within}", false, &expectation_map},
};
constexpr MapDescription targets_map{
    .name = "'targets'",
    .about = "the largest error of a prediction that counts as valid, by metric",
    .keys = {},
    .others = OtherKeys::free,
    .other = {"", figure, "the largest error: a share, or, of a time or size, an amount with its unit"},
};
constexpr MapDescription variants_map{
    .name = "'variants'",
    .about = "the scenario several times over, changed",
    .keys = {},
    .others = OtherKeys::names,
    .other = {"", texts, "changes as of --set: [tasks.hop.count=100]"},
};
constexpr std::array validation_keys{
    KeyDescription{"family", text, "what it is summed up with"},
    KeyDescription{"targets", map, "the largest error allowed, by metric", false, &targets_map},
    KeyDescription{"variants", map, "what is compared instead of the scenario itself, by name", false, &variants_map},
};
constexpr MapDescription validation_map{
    .name = "'validate'", .about = "what a comparison with the real machine must meet", .keys = validation_keys};
constexpr std::array scenario_keys{
    KeyDescription{"name", text, "what reports call it; by default the file's name"},
    KeyDescription{"about", text, "the question it asks"},
    KeyDescription{"seed", integer, "of everything that is drawn at random"},
    KeyDescription{"include", texts, "files this one adds to and overrides"},
    KeyDescription{"machine", map, "the simulated machine", false, &machine_map},
    KeyDescription{"scheduler", map, "how cores are shared", false, &scheduler_map},
    KeyDescription{"semaphores", map, "counting semaphores by name", false, &semaphores_map},
    KeyDescription{"pipes", map, "channels of kind pipe, by name", false, &pipes_map},
    KeyDescription{"channels", map, "channels by name", false, &channels_map},
    KeyDescription{"devices", map, "devices by name", false, &devices_map},
    KeyDescription{"requests", map, "amounts that belong to each request", false, &requests_map},
    KeyDescription{"locks", map, "locks by name", false, &locks_map},
    KeyDescription{"conditions", texts, "the names of condition variables"},
    KeyDescription{"barriers", map, "barriers by name", false, &barriers_map},
    KeyDescription{"variables", map, "shared variables by name", false, &variables_map},
    KeyDescription{"groups", map, "control groups by name, parents first", false, &groups_map},
    KeyDescription{"tasks", map, "tasks by name", false, &tasks_map},
    KeyDescription{"server", map, "a server and the load on it", false, &server_map},
    KeyDescription{"expect", map, "what every run is checked against", false, &expect_map},
    KeyDescription{"validate", map, "what a comparison with the real machine must meet", false, &validation_map},
};

} // namespace

constexpr MapDescription distribution_map{
    .name = "a distribution",
    .about = "values drawn anew each time",
    .keys = distribution_keys,
    .one_of = "distribution",
};
constexpr MapDescription operation_map{
    .name = "an operation",
    .about = "one step of a task",
    .keys = operation_keys,
    .one_of = "operation",
};
constexpr MapDescription scenario_map{.name = "a scenario", .about = "a whole file", .keys = scenario_keys};

static bool resembles_a_key(const MapDescription& map, std::string_view word) {
    std::vector<std::string_view> names;
    for (const KeyDescription& key : map.keys) names.push_back(key.name);
    return !suggestion(word, names).empty();
}

const MapDescription* map_of(const KeyDescription& key, std::string_view first_key) {
    const bool drawn = key.type == drawn_time || key.type == drawn_count || key.type == time_or_map;
    if (!drawn) return key.map;
    const bool is_distribution =
        distribution_map.find(first_key) != nullptr ||
        (key.map != nullptr && key.map->find(first_key) == nullptr && resembles_a_key(distribution_map, first_key) &&
         !resembles_a_key(*key.map, first_key));
    return is_distribution || key.map == nullptr ? &distribution_map : key.map;
}

} // namespace switchyard::formats
