#include "sim/sched/multiprocessor.hpp"

#include "models/random/uniform.hpp"
#include "models/units/text.hpp"
#include "sim/sched/policies.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <numeric>

namespace switchyard::sim {

namespace {
// A stream of draws that the choices share.
struct Draws {
    using result_type = std::uint64_t;
    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return ~result_type{0}; }
    result_type operator()() { return source(); }
    DrawSource source;
};
} // namespace

std::string MultiprocessorRoundRobin::description() const {
    std::string text = fmt::format("multiprocessor_rr, slice {}, {}", exact_text(options_.slice),
                                   options_.queue_per_core ? "a queue per core" : "one queue");
    if (options_.queue_per_core && options_.peek > Duration::zero()) text += ", peek " + exact_text(options_.peek);
    if (options_.random_order) text += ", random order";
    if (options_.cold_rate != options_.warm_rate)
        text += fmt::format(", cache {}B: {} cold, {} warm after {}", options_.cache.count, options_.cold_rate,
                            options_.warm_rate, exact_text(options_.warm_up));
    return text;
}

void MultiprocessorRoundRobin::init(PolicyHost& host) {
    const CoreId cores = host.cores();
    const std::int64_t warm_up = (options_.warm_up + options_.tick - Duration{1}) / options_.tick;
    for (CoreId core = 0; core < cores; ++core) {
        cores_.push_back({no_task, {}, WarmCache(options_.cache, warm_up)});
        if (options_.queue_per_core) host.create_queue({.order = QueueOrder::first_come, .core = core});
    }
    if (!options_.queue_per_core) host.create_queue({});
    order_.resize(cores);
    std::iota(order_.begin(), order_.end(), CoreId{0});
    const auto draws = std::make_shared<Draws>(Draws{scheduler_draws(host.kernel().view().seed)});
    if (!choices_.victim)
        choices_.victim = [draws, cores](CoreId thief) {
            const CoreId other = static_cast<CoreId>(uniform_below(*draws, cores - std::uint64_t{1}));
            return static_cast<CoreId>(other < thief ? other : other + 1);
        };
    if (!choices_.order)
        choices_.order = [draws](std::vector<CoreId>& order) { // Fisher and Yates 1938
            for (std::size_t left = order.size(); left > 1; --left)
                std::swap(order[left - 1], order[uniform_below(*draws, left)]);
        };
}

void MultiprocessorRoundRobin::init_task(PolicyHost& host, TaskId task) {
    if (task >= home_.size()) home_.resize(task + std::size_t{1});
    home_[task] = choices_.home ? choices_.home(task) : deal(host, task);
}

CoreId MultiprocessorRoundRobin::deal(PolicyHost& host, TaskId task) {
    if (!options_.queue_per_core) return host.task(task).core;
    while (!may_run_on(host.task(task), next_home_)) next_home_ = static_cast<CoreId>((next_home_ + 1) % host.cores());
    const CoreId home = next_home_;
    next_home_ = static_cast<CoreId>((next_home_ + 1) % host.cores());
    return home;
}

CoreId MultiprocessorRoundRobin::select_cpu(PolicyHost&, TaskId task, CoreId) { return home_[task]; }

void MultiprocessorRoundRobin::enqueue(PolicyHost& host, TaskId task, Enqueue) {
    host.insert(queue_of(home_[task]), task, unlimited_slice);
    watch_clock(host);
}

void MultiprocessorRoundRobin::dispatch(PolicyHost& host, CoreId asking) {
    if (host.now() != tick_) return;
    for (const CoreId core : order_) {
        if (cores_[core].occupant != no_task) continue;
        const TaskId task = host.queues().first_for(queue_of(core), core);
        if (task == no_task) continue;
        cores_[core].occupant = task;
        home_[task] = core;
        host.move_task_to_local(core, task);
        if (core != asking) host.kernel().reschedule(core);
    }
}

void MultiprocessorRoundRobin::running(PolicyHost& host, TaskId task, CoreId core) {
    cores_[core].placed = host.now();
    cores_[core].cache.place(task, host.task(task).scheduling->working_set);
    set_rate(host, core);
}

void MultiprocessorRoundRobin::set_rate(PolicyHost& host, CoreId core) {
    const Core& mine = cores_[core];
    host.kernel().set_performance(
        core, 1000 * (mine.cache.runs_warm(mine.occupant) ? options_.warm_rate : options_.cold_rate));
}

void MultiprocessorRoundRobin::stopping(PolicyHost& host, TaskId, CoreId core, bool runnable) {
    // Done within a tick: the rest of it is nobody's.
    const bool at_end_of_tick = host.now() == tick_over_ && cores_[core].placed < tick_over_;
    if (runnable || at_end_of_tick) cores_[core].occupant = no_task;
}

void MultiprocessorRoundRobin::quiescent(PolicyHost& host, TaskId task) {
    Core& core = cores_[home_[task]]; // killed before it ran there
    if (core.occupant == task && core.placed < tick_over_ && host.now() == tick_over_) core.occupant = no_task;
}

// --- Ticks -------------------------------------------------------------------------------------------------------

// One begins when all that ends with the one before has ended: two timers at the same instant.
enum : std::uint32_t { end_of_tick, begin_of_tick };

void MultiprocessorRoundRobin::watch_clock(PolicyHost& host) {
    if (watching_) return;
    watching_ = true;
    const Duration past = host.now() - Time{};
    Time next = Time{} + (past + options_.tick - Duration{1}) / options_.tick * options_.tick;
    if (next == tick_) next = checked_add(next, options_.tick);
    host.kernel().set_timer(end_of_tick, next);
}

void MultiprocessorRoundRobin::timer(PolicyHost& host, std::uint32_t number) {
    number == end_of_tick ? end_tick(host) : begin_tick(host);
}

void MultiprocessorRoundRobin::end_tick(PolicyHost& host) {
    tick_over_ = host.now();
    for (CoreId core = 0; core < cores_.size(); ++core) {
        if (cores_[core].occupant == no_task) continue;
        cores_[core].cache.tick(cores_[core].occupant);
        if (host.kernel().view().current[core] == no_task) cores_[core].occupant = no_task;
    }
    if (is_multiple_of(options_.slice))
        for (CoreId core = 0; core < cores_.size(); ++core) host.end_slice(core);
    host.kernel().set_timer(begin_of_tick, host.now());
}

void MultiprocessorRoundRobin::begin_tick(PolicyHost& host) {
    tick_ = host.now();
    watching_ = false;
    bool anybody = false;
    for (CoreId core = 0; core < cores_.size(); ++core)
        anybody |= cores_[core].occupant != no_task || !host.queues().empty(queue_of(core));
    if (!anybody) return;
    if (options_.queue_per_core && cores_.size() > 1 && is_multiple_of(options_.peek)) steal(host);
    if (options_.random_order) {
        std::iota(order_.begin(), order_.end(), CoreId{0});
        choices_.order(order_);
    }
    for (CoreId core = 0; core < cores_.size(); ++core)
        cores_[core].occupant == no_task ? host.kernel().reschedule(core) : set_rate(host, core);
    watch_clock(host);
}

// Whether the tick that is over ends there; the beginning of time is nobody's multiple.
bool MultiprocessorRoundRobin::is_multiple_of(Duration interval) const {
    const Duration past = tick_over_ - Time{};
    return interval > Duration::zero() && past > Duration::zero() && past % interval == Duration::zero();
}

void MultiprocessorRoundRobin::steal(PolicyHost& host) {
    for (CoreId thief = 0; thief < cores_.size(); ++thief) {
        if (!host.queues().empty(thief)) continue;
        TaskId stolen = no_task;
        host.queues().for_each_first(choices_.victim(thief), [&](TaskId task, std::span<const CoreId> allowed) {
            if (allowed.empty()) stolen = task;
        });
        if (stolen == no_task) continue;
        home_[stolen] = thief;
        host.insert(thief, stolen, unlimited_slice);
    }
}

namespace {
constexpr std::array multiprocessor_parameters{
    ParameterDescription{"slice", ParameterType::time, "10ms", "all cores are interrupted at its multiples"},
    ParameterDescription{"tick", ParameterType::time, "1ms", "the clock's: whatever is decided is decided at a tick"},
    ParameterDescription{"queues", ParameterType::word, "one", "one queue for all cores, or one for each",
                         "one per_core"},
    ParameterDescription{"peek", ParameterType::time, "30ms",
                         "how often a core with an empty queue looks at another's; 0s: never"},
    ParameterDescription{"order", ParameterType::word, "ascending",
                         "in which free cores take tasks; random: drawn anew each tick", "ascending random"},
    ParameterDescription{"cache", ParameterType::size, "0B", "of each core: so much of working sets can be warm"},
    ParameterDescription{"warm_up", ParameterType::time, "10ms",
                         "how long a task runs on a core until it is warm there"},
    ParameterDescription{"cold_rate", ParameterType::count, "1", "times the core's speed, while a task is cold"},
    ParameterDescription{"warm_rate", ParameterType::count, "1", "times the core's speed, while it is warm"},
};

MultiprocessorRoundRobin::Options multiprocessor_options(const Parameters& given) {
    constexpr std::int64_t most_rate = 1000;
    MultiprocessorRoundRobin::Options options;
    options.tick = given.positive_time("tick");
    options.slice = given.positive_time("slice");
    options.queue_per_core = given.word("queues") == 1;
    options.peek = given.time("peek");
    options.random_order = given.word("order") == 1;
    options.cache = given.size("cache");
    options.warm_up = given.time("warm_up");
    options.cold_rate = given.count("cold_rate", 1, most_rate);
    options.warm_rate = given.count("warm_rate", 1, most_rate);
    for (const char* name : {"slice", "peek"})
        if (given.time(name) % options.tick != Duration::zero())
            given.refuse(name, fmt::format("it is to be a multiple of the tick, {}", exact_text(options.tick)));
    return options;
}
} // namespace

const SchedulerDescription multiprocessor_policy{
    .name = "multiprocessor_rr",
    .about = "round robin on several cores: one queue or one a core, work stealing, warm and cold caches",
    .source = "Arpaci-Dusseau: Operating Systems: Three Easy Pieces, ch. 10 (multi.py)",
    .parameters = multiprocessor_parameters,
    .make_policy = [](const Parameters& given) -> std::unique_ptr<Policy> {
        return std::make_unique<MultiprocessorRoundRobin>(multiprocessor_options(given));
    },
};

} // namespace switchyard::sim
