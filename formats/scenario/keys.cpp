#include "formats/scenario/keys.hpp"

#include "formats/scenario/memory_keys.hpp"
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

// distributions ------------------------------------------------------------------------------------------------------

constexpr std::array uniform_keys{
    KeyDescription{"low", figure, "the least value", true},
    KeyDescription{"high", figure, "the largest value", true},
};
constexpr std::array exponential_keys{
    KeyDescription{"mean", figure, "the expected value", true},
};
constexpr std::array normal_keys{
    KeyDescription{"mean", figure, "the expected value", true},
    KeyDescription{"deviation", figure, "the standard deviation; draws below 0 become 0", true},
};
constexpr std::array lognormal_keys{
    KeyDescription{"median", figure, "half of all values are below it", true},
    KeyDescription{"sigma", figure, "the standard deviation of the logarithm: a plain number", true},
};
constexpr std::array pareto_keys{
    KeyDescription{"minimum", figure, "the least value", true},
    KeyDescription{"shape", figure, "how fast the tail falls: a plain number, the mean being infinite up to 1", true},
};
constexpr MapDescription uniform_map{.name = "'uniform'", .about = "two bounds", .keys = uniform_keys};
constexpr MapDescription exponential_map{.name = "'exponential'", .about = "its mean", .keys = exponential_keys};
constexpr MapDescription normal_map{.name = "'normal'", .about = "mean and deviation", .keys = normal_keys};
constexpr MapDescription lognormal_map{.name = "'lognormal'", .about = "median and sigma", .keys = lognormal_keys};
constexpr MapDescription pareto_map{.name = "'pareto'", .about = "minimum and shape", .keys = pareto_keys};
constexpr std::array distribution_keys{
    KeyDescription{"uniform", map, "every value between two bounds equally likely", false, &uniform_map},
    KeyDescription{"exponential", map, "the time between independent arrivals", false, &exponential_map},
    KeyDescription{"normal", map, "Gaussian, clipped at 0", false, &normal_map},
    KeyDescription{"lognormal", map, "the logarithm is Gaussian: service times with a long tail", false,
                   &lognormal_map},
    KeyDescription{"pareto", map, "a power-law tail: many small values and a few huge ones", false, &pareto_map},
    KeyDescription{"empirical", figures, "each value of a list equally likely"},
};

// operations ---------------------------------------------------------------------------------------------------------

constexpr std::array compute_keys{
    KeyDescription{"work", drawn_time, "as the time it takes undisturbed at nominal speed, its working set cached",
                   true},
    KeyDescription{"over", text, "the working set: a region or a segment, or a size of its own (256KiB)"},
};
constexpr std::array sleep_keys{
    KeyDescription{"for", drawn_time, "how long at least", true},
    KeyDescription{"style", text, "blocking: the whole thread sleeps; asynchronous: only this coroutine or fiber"},
};
constexpr std::array fork_keys{
    KeyDescription{"as", name, "what the parent calls the child in 'wait'", true},
    KeyDescription{"child", operations, "what the child does", true},
    KeyDescription{"then", text,
                   "exit: the child ends after its part; continue: it does what the parent goes on to do"},
};
constexpr std::array vfork_keys{
    KeyDescription{"as", name, "what the parent calls the child in 'wait'", true},
    KeyDescription{"child", operations, "what the child does while the parent waits for its exec or exit", true},
};
constexpr std::array clone_keys{
    KeyDescription{"as", name, "what the parent calls the child", true},
    KeyDescription{"shares", words, "memory: the child is a thread of this process; nothing: a process of its own"},
    KeyDescription{"child", operations, "what the child does", true},
};
constexpr std::array spawn_keys{
    KeyDescription{"as", name, "what the spawning task calls the new one in 'join'", true},
    KeyDescription{"kind", text, "thread, coroutine, fiber or process"},
    KeyDescription{"do", operations, "what the new task does", true},
};
constexpr std::array repeat_keys{
    KeyDescription{"times", drawn_count, "how often", true},
    KeyDescription{"do", operations, "what is repeated", true},
};
constexpr std::array job_keys{
    KeyDescription{"after", drawn_time, "its release, counted from that of the job before", true},
    KeyDescription{"do", operations, "what is to be done by the task's deadline", true},
};
constexpr std::array send_keys{
    KeyDescription{"to", name, "the pipe", true},
    KeyDescription{"size", size, "how much", true},
};
constexpr std::array receive_keys{
    KeyDescription{"from", name, "the pipe", true},
    KeyDescription{"size", size, "how much", true},
};
constexpr MapDescription compute_map{.name = "'compute'", .about = "work over a working set", .keys = compute_keys};
constexpr MapDescription sleep_map{.name = "'sleep'", .about = "a sleep", .keys = sleep_keys};
constexpr MapDescription fork_map{.name = "'fork'", .about = "a new process", .keys = fork_keys};
constexpr MapDescription vfork_map{.name = "'vfork'", .about = "a new process in borrowed memory", .keys = vfork_keys};
constexpr MapDescription clone_map{.name = "'clone'", .about = "a new process or thread", .keys = clone_keys};
constexpr MapDescription spawn_map{.name = "'spawn'", .about = "a new task", .keys = spawn_keys};
constexpr MapDescription repeat_map{.name = "'repeat'", .about = "a loop", .keys = repeat_keys};
constexpr MapDescription job_map{.name = "'job'", .about = "a job", .keys = job_keys};
constexpr MapDescription send_map{.name = "'send'", .about = "a transfer into a pipe", .keys = send_keys};
constexpr MapDescription receive_map{.name = "'receive'", .about = "a transfer out of a pipe", .keys = receive_keys};
constexpr std::array operation_keys{
    KeyDescription{"compute", time_or_map, "work, as the time it takes undisturbed at nominal speed", false,
                   &compute_map},
    KeyDescription{"sleep", time_or_map, "wait for the time to pass", false, &sleep_map},
    KeyDescription{"yield", nothing, "let others of equal right run: sched_yield, or the next coroutine of the thread"},
    KeyDescription{"system_call", nothing, "enter and leave the kernel"},
    KeyDescription{"fork", map, "a child process with a copy of everything", false, &fork_map},
    KeyDescription{"vfork", map, "a child process that borrows this one's memory", false, &vfork_map},
    KeyDescription{"clone", map, "a child that shares what is named", false, &clone_map},
    KeyDescription{"exec", operations, "a new program in this process; nothing can follow"},
    KeyDescription{"spawn", map, "a new task beside this one", false, &spawn_map},
    KeyDescription{"join", name, "wait for the end of a spawned task"},
    KeyDescription{"wait", optional_name, "wait for the end of a child process, or of 'any' child, and reap it"},
    KeyDescription{"exit", nothing, "end the whole process"},
    KeyDescription{"crash", nothing, "a fault nobody handles: the whole process dies"},
    KeyDescription{"repeat", map, "do the same again and again", false, &repeat_map},
    KeyDescription{"job", map, "one job of a real-time task", false, &job_map},
    KeyDescription{"acquire", name, "take one from a semaphore, waiting while it is 0"},
    KeyDescription{"release", name, "give one back to a semaphore"},
    KeyDescription{"send", map, "put bytes into a pipe, waiting while it is full", false, &send_map},
    KeyDescription{"receive", map, "take bytes out of a pipe, waiting while it is empty", false, &receive_map},
    KeyDescription{"map", map, "a new region of memory", false, &map_map},
    KeyDescription{"unmap", name_or_map, "give a region back", false, &unmap_map},
    KeyDescription{"remap", map, "another size for a region, whose pages it keeps", false, &remap_map},
    KeyDescription{"protect", map, "other permissions for a region", false, &protect_map},
    KeyDescription{"brk", size_or_map, "the heap grows by so much, or shrinks", false, &brk_map},
    KeyDescription{"advise", map, "tell the kernel what a region is for", false, &advise_map},
    KeyDescription{"touch", map, "read or write pages of a region", false, &touch_map},
    KeyDescription{"observe", map, "put into the report what the kernel says of memory", false, &observe_map},
};

// the scenario -------------------------------------------------------------------------------------------------------

constexpr std::array topology_keys{
    KeyDescription{"nodes", integer, "NUMA nodes: processors with memory of their own"},
    KeyDescription{"caches_per_node", integer, "last-level caches of a node"},
    KeyDescription{"cores_per_cache", integer, "physical cores that share such a cache"},
    KeyDescription{"threads_per_core", integer, "hardware threads of a physical core: 'cores' counts these"},
};
constexpr MapDescription topology_map{
    .name = "'topology'", .about = "a machine all of whose parts are alike", .keys = topology_keys};
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
    KeyDescription{"tlb", map, "what it is like", false, &tlb_map},
    KeyDescription{"caches", map, "what they hold; the profile's by default", false, &caches_map},
};
constexpr std::array scheduler_keys{
    KeyDescription{"policy", text, "fifo, rr, ..."},
};
constexpr std::array pipe_keys{
    KeyDescription{"capacity", size, "how much it holds before a sender has to wait", true},
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
    KeyDescription{"resident", size, "process: memory it has touched before it starts"},
    KeyDescription{"memory", map, "process: the sizes of its segments", false, &segments_map},
    KeyDescription{"start", drawn_time, "when it becomes ready"},
    KeyDescription{"cores", integers, "the cores it may run on, counted from 0"},
    KeyDescription{"scheduling", map, "what the scheduler is told of it", false, &scheduling_map},
    KeyDescription{"group", text, "the control group it is in"},
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
constexpr MapDescription pipe_map{.name = "a pipe", .about = "a byte stream with a bound", .keys = pipe_keys};
constexpr MapDescription pipes_map{
    .name = "'pipes'",
    .about = "pipes by name",
    .keys = {},
    .others = OtherKeys::names,
    .other = {"", size_or_map, "its capacity", false, &pipe_map},
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
constexpr std::array validation_keys{
    KeyDescription{"targets", map, "the largest error allowed, by metric", false, &targets_map},
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
    KeyDescription{"pipes", map, "pipes by name", false, &pipes_map},
    KeyDescription{"groups", map, "control groups by name, parents first", false, &groups_map},
    KeyDescription{"tasks", map, "tasks by name", true, &tasks_map},
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
