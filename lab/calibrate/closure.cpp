#include "lab/calibrate/closure.hpp"

#include "lab/calibrate/closure_of_caches.hpp"
#include "lab/calibrate/closure_of_communication.hpp"
#include "lab/calibrate/closure_of_forks.hpp"
#include "lab/calibrate/closure_of_memory.hpp"

#include <functional>

namespace switchyard::lab {

namespace {

using namespace std::chrono_literals;

constexpr int few_times = 10;        // the sequence in the shorter scenario; twice that in the longer
constexpr double fitted = 0.10;      // one straight line through several sizes
constexpr double three_pairs = 0.10; // one address-space cost out of three pairs of probes
constexpr double two_alone = 0.30;   // two coroutines wait for what each has only just stored, more of them do not

// One core, no ticks, and slices nobody reaches the end of: only the program decides who runs.
ScenarioBuilder quiet(const std::string& name) {
    ScenarioBuilder scenario("closure of " + name);
    scenario.cores(1).hz(0).scheduler("rr", {{"slice", "1h"}});
    return scenario;
}

// The scenario as a function of how often the sequence is repeated.
using Sequence = std::function<Scenario(int times)>;

ClosureCase make_case(std::string probe, std::int64_t amount, const Sequence& sequence, double sequences_a_time = 1) {
    ClosureCase one;
    one.probe = std::move(probe);
    one.amount = amount;
    one.few = sequence(few_times);
    one.many = sequence(2 * few_times);
    one.repetitions = few_times * sequences_a_time;
    return one;
}

// What two tasks do in turn, by kind.
Sequence taking_turns(const std::string& name, TaskKind kind) {
    return [=](int times) {
        const auto yield = [=](ProgramBuilder& task) { task.repeat(times, [](auto& body) { body.yield(); }); };
        return quiet(name).task("A", kind, yield).task("B", kind, yield).build();
    };
}

// A ring of so many: each yields in turn.
Sequence taking_turns_in_a_ring(const std::string& name, TaskKind kind, std::int64_t tasks) {
    return [=](int times) {
        const auto yield = [=](ProgramBuilder& task) { task.repeat(times, [](auto& body) { body.yield(); }); };
        return quiet(name)
            .task("A", kind, yield, [=](TaskTemplate& task) { task.count = static_cast<std::uint32_t>(tasks); })
            .build();
    };
}

// One task that repeats something; as a process it has so many resident pages.
Sequence repeating(const std::string& name, TaskKind kind, const ProgramBuilder::Body& body, std::int64_t pages = 0) {
    return [=](int times) {
        return quiet(name)
            .task(
                "A", kind, [=](ProgramBuilder& task) { task.repeat(times, body); },
                [=](TaskTemplate& task) { task.resident = base_page * pages; })
            .build();
    };
}

// So many tasks at once, all waiting.
Sequence waiting_together(const std::string& name, TaskKind kind) {
    return [=](int times) {
        return quiet(name)
            .task(
                "A", kind, [](ProgramBuilder& task) { task.sleep(1s); },
                [=](TaskTemplate& task) { task.count = static_cast<std::uint32_t>(times); })
            .build();
    };
}

// Work on one busy core, seen through its ticks.
ClosureCase busy_core_case(const std::string& probe) {
    const auto computing = [&](Duration work) {
        return ScenarioBuilder("closure of " + probe)
            .cores(1)
            .scheduler("rr", {{"slice", "1h"}})
            .task("A", TaskKind::thread, [=](ProgramBuilder& task) { task.compute(work); })
            .build();
    };
    ClosureCase one;
    one.probe = probe;
    one.few = computing(1s);
    one.many = computing(2s);
    one.work = 1s;
    one.count = "ticks";
    return one;
}

// What a sleeper waits after each wake-up by its timer, alone or beside a task that gives way at once.
ClosureCase timer_case(const std::string& probe) {
    const bool is_busy = probe == "timer_wake_up_busy";
    const Sequence sequence = [=](int times) {
        ScenarioBuilder scenario = quiet(probe);
        scenario.scheduler("linux", {});
        scenario.task("A", TaskKind::thread,
                      [=](ProgramBuilder& task) { task.repeat(times, [](auto& body) { body.sleep(1ms); }); });
        if (is_busy)
            scenario.task(
                "B", TaskKind::thread, [](ProgramBuilder& task) { task.compute(1s); },
                [](TaskTemplate& task) { task.scheduling.policy = LinuxPolicy::idle; });
        return scenario.build();
    };
    ClosureCase one = make_case(probe, 0, sequence);
    one.metrics = {"task.A.waiting"};
    if (is_busy) one.besides = {{Cost::switch_context, -1}, {Cost::switch_preempted, -1}}; // switched to after that
    return one;
}

// A thread that sleeps, in turn while only one core and only the other one is free: it goes on on another core each
// time. What it takes itself is counted.
ClosureCase migrating_case(const std::string& probe) {
    const auto alternating = [&](int times) {
        const auto pinned_to = [](std::uint32_t core) { return [=](TaskTemplate& task) { task.cores = {core}; }; };
        return quiet(probe)
            .cores(2)
            .task(
                "A", TaskKind::thread,
                [=](auto& task) { task.repeat(times, [](auto& body) { body.compute(1s).sleep(1s); }); }, pinned_to(0))
            .task(
                "B", TaskKind::thread,
                [=](auto& task) { task.repeat(times, [](auto& body) { body.sleep(1s).compute(1s); }); }, pinned_to(1))
            .task("M", TaskKind::thread,
                  [=](auto& task) { task.sleep(500ms).repeat(times, [](auto& body) { body.sleep(1s); }); })
            .build();
    };
    ClosureCase one = make_case(probe, 0, alternating);
    one.metrics = {"task.M.cpu"};
    one.count = "migrations";
    one.besides = {{Cost::system_call}, {Cost::switch_context}};
    one.beyond = "call_after_staying"; // the two hand-overs a migration is measured in
    return one;
}

ClosureCase uncontended_lock_case(const std::string& probe) {
    const Sequence sequence = [=](int times) {
        return quiet(probe)
            .lock("m")
            .task("A", TaskKind::thread,
                  [=](ProgramBuilder& task) { task.repeat(times, [](auto& body) { body.lock("m").unlock("m"); }); })
            .build();
    };
    return make_case(probe, 0, sequence, 2);
}

// Two cores that change one variable in turns, each waiting on its core until it is its turn.
ClosureCase counting_in_turns_case(const std::string& probe) {
    const Sequence sequence = [=](int times) {
        const auto counts = [=](const char* others_turn, std::int64_t next) {
            return [=](ProgramBuilder& task) {
                task.repeat(times, [=](auto& body) { body.repeat_while(others_turn, {}).write("turn", next); });
            };
        };
        return quiet(probe)
            .cores(2)
            .variable("turn", 0, true)
            .task("A", TaskKind::thread, counts("turn == 1", 1))
            .task("B", TaskKind::thread, counts("turn == 0", 0))
            .build();
    };
    return make_case(probe, 0, sequence, 2);
}

// How much later than asked a sleep is over; without timer slack, if so wanted.
ClosureCase sleeping_case(const std::string& probe) {
    const Sequence sequence = [=](int times) {
        return quiet(probe)
            .task(
                "A", TaskKind::thread,
                [=](ProgramBuilder& task) { task.repeat(times, [](auto& body) { body.sleep(1ms); }); },
                [=](TaskTemplate& task) {
                    if (probe == "sleep_overshoot_precise") task.scheduling.timer_slack = Duration::zero();
                })
            .build();
    };
    ClosureCase one = make_case(probe, 0, sequence);
    one.asked = 1e9;
    return one;
}

ClosureCase with_allowance(ClosureCase one, double allowance) {
    one.allowance = allowance;
    return one;
}

ClosureCase seen_by(ClosureCase one, std::string metric) {
    one.metrics = {std::move(metric)};
    return one;
}

const ProgramBuilder::Body nothing = [](ProgramBuilder&) {};

// System calls, switches, sleeps, locks.
std::optional<ClosureCase> case_of_switching(const std::string& probe, std::int64_t amount) {
    using enum TaskKind;
    if (probe == "system_call")
        return make_case(probe, 0, repeating(probe, thread, [](auto& body) { body.system_call(); }));
    if (probe == "yield_alone") return make_case(probe, 0, repeating(probe, thread, [](auto& body) { body.yield(); }));
    if (probe == "yield_thread") return make_case(probe, 0, taking_turns(probe, thread), 2);
    if (probe == "yield_process")
        return with_allowance(make_case(probe, 0, taking_turns(probe, process), 2), three_pairs);
    if (probe == "yield_ring_thread" || probe == "yield_ring_process" || probe == "coroutine_ring") {
        const TaskKind kind = probe == "coroutine_ring" ? coroutine : probe == "yield_ring_thread" ? thread : process;
        const std::int64_t tasks = amount + 1;
        return with_allowance(
            make_case(probe, amount, taking_turns_in_a_ring(probe, kind, tasks), static_cast<double>(tasks)),
            kind == coroutine ? two_alone : fitted);
    }
    if (probe == "coroutine_switch") return make_case(probe, 0, taking_turns(probe, coroutine), 2);
    if (probe == "fiber_switch") return make_case(probe, 0, taking_turns(probe, fiber), 2);
    if (probe == "sleep_overshoot" || probe == "sleep_overshoot_precise") return sleeping_case(probe);
    if (probe == "timer_wake_up_idle" || probe == "timer_wake_up_busy") return timer_case(probe);
    if (probe == "lock_uncontended") return uncontended_lock_case(probe);
    if (probe == "cache_line_hand_over") return counting_in_turns_case(probe);
    if (probe == "call_after_moving") return migrating_case(probe);
    if (probe == "busy_tick_period") return busy_core_case(probe);
    if (probe == "tick") {
        ClosureCase one = busy_core_case(probe);
        one.besides = {{Cost::interruptions}};
        return one;
    }
    return std::nullopt;
}

// Tasks that begin and end. What a call costs its caller shows in the caller's own time: on one core whoever it creates
// runs only after it.
std::optional<ClosureCase> case_of_creation(const std::string& probe, std::int64_t amount) {
    using enum TaskKind;
    const auto life_of = [&](TaskKind kind) {
        return repeating(probe, is_carried(kind) ? kind : thread,
                         [=](ProgramBuilder& body) { body.spawn("c", kind, nothing).join("c"); });
    };
    const auto as_process = [&](const ProgramBuilder::Body& body) { return repeating(probe, process, body, amount); };
    if (probe == "coroutine_create" || probe == "fiber_create") {
        const bool stackless = probe == "coroutine_create";
        ClosureCase one = make_case(probe, 0, life_of(stackless ? coroutine : fiber));
        // To the new one and back are two switches; the probe's one resume is one.
        one.besides = {{stackless ? Cost::switch_coroutine : Cost::switch_fiber}};
        return one;
    }
    if (probe == "thread_life") return make_case(probe, 0, life_of(thread));
    if (probe == "thread_create") {
        const auto spawn = [](ProgramBuilder& body) { body.spawn("c", thread, nothing); };
        return seen_by(make_case(probe, 0, repeating(probe, thread, spawn)), "task.A.turnaround");
    }
    if (probe == "fork_call") {
        const auto fork = [](ProgramBuilder& body) { body.fork("c", nothing); };
        return with_allowance(seen_by(make_case(probe, amount, as_process(fork)), "task.A.turnaround"), fitted);
    }
    if (probe == "fork_life") {
        const auto fork_and_wait = [](ProgramBuilder& body) { body.fork("c", nothing).wait("c"); };
        return with_allowance(make_case(probe, amount, as_process(fork_and_wait)), fitted);
    }
    if (probe == "vfork_life") {
        const auto exit = [](ProgramBuilder& child) { child.exit(); };
        return make_case(probe, 0, as_process([=](ProgramBuilder& body) { body.vfork("c", exit).wait("c"); }));
    }
    if (probe == "spawn_life") {
        const auto exec = [](ProgramBuilder& child) { child.exec(nothing); };
        return make_case(probe, 0, as_process([=](ProgramBuilder& body) { body.vfork("c", exec).wait("c"); }));
    }
    return std::nullopt;
}

std::optional<ClosureCase> case_of_memory(const std::string& probe) {
    using enum TaskKind;
    struct Row {
        std::string_view probe;
        TaskKind kind;
        std::string_view metric;
    };
    static constexpr Row table[] = {
        {"process_resident", process, "memory.resident"}, {"process_kernel", process, "memory.kernel"},
        {"thread_reserved", thread, "memory.reserved"},   {"thread_resident", thread, "memory.resident"},
        {"thread_kernel", thread, "memory.kernel"},       {"coroutine_resident", coroutine, "memory.resident"},
        {"fiber_reserved", fiber, "memory.reserved"},     {"fiber_resident", fiber, "memory.resident"},
    };
    for (const Row& row : table)
        if (row.probe == probe)
            return seen_by(make_case(probe, 0, waiting_together(probe, row.kind)), std::string(row.metric));
    return std::nullopt;
}

std::optional<ClosureCase> case_of(const std::string& probe, std::int64_t amount) {
    if (auto one = case_of_switching(probe, amount)) return one;
    if (auto one = case_of_creation(probe, amount)) return one;
    if (auto one = case_of_forking(probe)) return one;
    if (auto one = case_of_virtual_memory(probe, amount)) return one;
    if (auto one = case_of_caches(probe, amount)) return one;
    if (auto one = case_of_communication(probe, amount)) return one;
    return case_of_memory(probe);
}

// In picoseconds or bytes.
double value_of(const Metric& metric) { return static_cast<double>(metric.value); }

// Of a working set that is larger than the core's own caches, others displace nothing.
bool can_be_displaced(const CostProfile& profile, const std::string& probe, std::int64_t amount) {
    const bool is_of_core = probe == "refill_shared" || probe == "refill_core";
    return !is_of_core || !profile[Cost::cache_private] || amount <= evaluate(*profile[Cost::cache_private]);
}

const ProbeSummary* find(const Calibration& calibration, const std::string& probe, std::int64_t amount) {
    for (const ProbeSummary& summary : calibration.probes)
        if (summary.probe == probe && summary.amount == amount) return &summary;
    return nullptr;
}

} // namespace

std::span<const std::string_view> not_yet_simulated() {
    static constexpr std::string_view table[] = {
        "disk_write",                                                 // nobody waits for it
        "cache_private",      "cache_private_way",    "cache_shared", // sizes, which the other figures follow from
        "unix_packets_alone", "signal_handler",                       // no channel is of these kinds
        "epoll_add",                                  // every task has been added when it waits for the first time
        "memory_copy",        "shared_memory_thread", // no task copies anything
        "futex_alone",                                // nobody waits for what is there already, or wakes nobody
        "semaphore_alone", // the C library's, which nothing is charged as: a scenario's is two atomic operations
    };
    return table;
}

std::vector<ClosureCase> closure_cases(const Calibration& calibration) {
    std::vector<ClosureCase> cases;
    for (const ProbeSummary& summary : calibration.probes)
        if (!summary.held_out && can_be_displaced(calibration.profile, summary.probe, summary.amount))
            if (std::optional<ClosureCase> one = case_of(summary.probe, summary.amount))
                cases.push_back(std::move(*one));
    return cases;
}

std::optional<ClosureResult> check_closure(const ClosureCase& one, const Calibration& calibration,
                                           const Simulator& simulate) {
    const ProbeSummary* const summary = find(calibration, one.probe, one.amount);
    if (summary == nullptr) return std::nullopt;
    const Report few = simulate(one.few, calibration.profile);
    const Report many = simulate(one.many, calibration.profile);
    double grown = -static_cast<double>(one.work.count());
    for (const std::string& name : one.metrics) {
        const std::optional<Metric> shorter = metric(few, name);
        const std::optional<Metric> longer = metric(many, name);
        if (!shorter || !longer) return std::nullopt;
        grown += value_of(*longer) - value_of(*shorter);
    }

    double repetitions = one.repetitions;
    if (!one.count.empty()) {
        const std::optional<Metric> fewer = metric(few, one.count);
        const std::optional<Metric> more = metric(many, one.count);
        if (!fewer || !more || more->value == fewer->value) return std::nullopt;
        repetitions = static_cast<double>(more->value - fewer->value);
    }
    ClosureResult result{one.probe, one.amount, summary->median, summary->interval, grown / repetitions - one.asked};
    for (const Part& part : one.besides)
        if (const std::optional<Law>& law = calibration.profile[part.cost])
            result.simulated -= part.times * static_cast<double>(evaluate(*law));
    const ProbeSummary* const beyond = find(calibration, one.beyond, 0);
    if (beyond != nullptr) result.simulated += beyond->median;

    // Costs are charged in whole picoseconds, a dozen of them at most in one sequence.
    const double slack = one.allowance * summary->median + 12;
    result.interval = {result.interval.low - slack, result.interval.high + slack};
    for (const Cost cost : one.averaged) {
        const std::optional<Law>& law = calibration.profile[cost];
        if (!law || !law->interval) continue;
        const auto charged = static_cast<double>(evaluate(*law));
        result.interval.low -= std::max(0.0, law->interval->high - charged);
        result.interval.high += std::max(0.0, charged - law->interval->low);
    }
    return result;
}

std::vector<ClosureResult> check_closure(const Calibration& calibration, const Simulator& simulate) {
    std::vector<ClosureResult> results;
    for (const ClosureCase& one : closure_cases(calibration))
        if (std::optional<ClosureResult> result = check_closure(one, calibration, simulate)) results.push_back(*result);
    return results;
}

} // namespace switchyard::lab
