#include "native/plan/compile.hpp"

#include "models/scenario/memory_validation.hpp"
#include "models/units/text.hpp"
#include "native/plan/bounds.hpp"
#include "native/plan/channels.hpp"
#include "native/plan/decisions.hpp"
#include "native/plan/family.hpp"
#include "native/plan/house.hpp"
#include "native/plan/shared_objects.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <span>
#include <utility>

namespace switchyard::native {

namespace {

constexpr std::uint64_t most_samples = std::uint64_t{1} << 18;
constexpr std::uint64_t most_jobs = std::uint64_t{1} << 22; // that are recorded: 64 MiB
constexpr std::uint64_t most_requests = most_jobs;          // likewise

// --- What cannot be run ------------------------------------------------------------------------------------------

std::optional<std::string> why_not_counted(const Scenario& scenario) {
    const Bounds bounds = bounds_of(scenario);
    Family total;
    std::uint64_t requests = 0;
    for (std::uint32_t program = 0; program < scenario.tasks.size(); ++program) {
        const TaskTemplate& task = scenario.tasks[program];
        if (const std::optional<std::string> reason = why_not_decided(task.program, bounds.executions[program]))
            return fmt::format("task '{}': {}", task.name, *reason);
        const Undecided most = undecided(task.program, bounds.executions[program]);
        const bool all_alike = !draws(task.program);
        const std::uint64_t before = total.children;
        const std::uint64_t jobs_before = total.jobs;
        try {
            for (std::uint32_t number = 0; number < (all_alike ? 1 : task.count); ++number)
                count_family(total, scenario, {program, number});
        } catch (const InputError& error) {
            return fmt::format("task '{}': {}", task.name, error.message());
        }
        if (all_alike) {
            total.children = before + (total.children - before) * task.count;
            total.jobs = jobs_before + (total.jobs - jobs_before) * task.count;
        }
        total.children += std::min(most.children, most_children + 1);
        total.jobs += std::min(most.jobs, most_jobs + 1) * task.count;
        requests += std::min(most.requests, most_requests + 1);
        if (requests > most_requests || requests * scenario.request_amounts.size() > most_amounts)
            return fmt::format("task '{}': more than {} requests, or {} amounts of theirs, would have to be recorded",
                               task.name, most_requests, most_amounts);
        if (total.jobs > most_jobs)
            return fmt::format("task '{}': more than {} jobs would have to be recorded", task.name, most_jobs);
        if (total.children > most_children)
            return fmt::format("task '{}': more than {} children would be forked and spawned", task.name,
                               most_children);
    }
    return std::nullopt;
}

// How long a walk over a working set takes is measured before the run, so its size must be known then.
std::optional<std::string> why_not_walked_over(const Scenario& scenario) {
    const RegionNumbering numbering = number_regions(scenario);
    const KnownSizes sizes(scenario);
    for (std::uint32_t program = 0; program < scenario.tasks.size(); ++program)
        for (const WorkingSet& over : scenario.tasks[program].program.working_sets)
            if (over.region != no_region && !sizes.of(program, numbering.of_program[program][over.region]))
                return fmt::format("task '{}' computes over '{}', whose size changes while this runs",
                                   scenario.tasks[program].name,
                                   scenario.tasks[program].program.memory.regions[over.region]);
    return std::nullopt;
}

// The C library raises whoever takes a lock with a ceiling to it, within his own policy: only the real-time ones have
// priorities (pthread_mutexattr_setprotocol(3), sched(7)).
std::optional<std::string> why_no_ceiling(const Scenario& scenario) {
    for (const TaskTemplate& task : scenario.tasks)
        for (const Operation& operation : task.program.code) {
            const bool takes = operation.kind == OperationKind::lock || operation.kind == OperationKind::try_lock;
            const LinuxPolicy policy = task.scheduling.policy;
            if (takes && scenario.locks[operation.object].protocol == LockProtocol::ceiling &&
                policy != LinuxPolicy::fifo && policy != LinuxPolicy::rr)
                return fmt::format("task '{}' takes lock '{}', which has a ceiling, but has no real-time priority that "
                                   "could be raised to it: give it 'scheduling: {{policy: fifo, priority: ...}}', or "
                                   "only simulate",
                                   task.name, scenario.locks[operation.object].name);
        }
    return std::nullopt;
}

// What the kernel or the C library gives to a thread, and a task that goes on on another one would leave behind.
std::optional<std::string> why_not_carried_by_several(const Scenario& scenario, const TaskTemplate& task) {
    if (task.carriers <= 1) return std::nullopt;
    for (const Operation& operation : task.program.code) {
        if (operation.kind == OperationKind::lock || operation.kind == OperationKind::try_lock) {
            const Lock& lock = scenario.locks[operation.object];
            if (lock.robust || lock.protocol != LockProtocol::none)
                return fmt::format("task '{}' has {} carriers and takes lock '{}', whose owner is a thread to the "
                                   "kernel (robust, inheritance, ceiling): give it one carrier, or only simulate",
                                   task.name, task.carriers, lock.name);
        }
        const bool receives = operation.kind == OperationKind::receive || operation.kind == OperationKind::for_each;
        if (receives && scenario.channels[operation.object].kind == ChannelKind::signal)
            return fmt::format("task '{}' has {} carriers and receives signals, which are sent to one thread: give it "
                               "one carrier, or only simulate",
                               task.name, task.carriers);
    }
    return std::nullopt;
}

} // namespace

std::optional<std::string> why_not_native(const Scenario& scenario) {
    std::map<std::string, const TaskTemplate*> process_tasks;
    for (const TaskTemplate& task : scenario.tasks)
        if (task.kind == TaskKind::process) process_tasks.emplace(task.name, &task);

    std::map<std::pair<std::string, std::string>, const TaskTemplate*> carriers;
    for (const TaskTemplate& task : scenario.tasks) {
        if (const auto process = process_tasks.find(task.process);
            task.kind != TaskKind::process && process != process_tasks.end() && process->second->count > 1)
            return fmt::format("task '{}' lives in process '{}', of which there are {}: it is not said in which",
                               task.name, task.process, process->second->count);
        if (task.scheduling.aborts_on_miss)
            return fmt::format(
                "task '{}' gives jobs up at their deadline, for which there is nothing in Linux: let them "
                "go on ('on_miss: continue'), or only simulate",
                task.name);
        for (const Operation& operation : task.program.code)
            if (operation.kind == OperationKind::spawn && operation.task_kind == TaskKind::process)
                return fmt::format("task '{}' spawns a process: a process is made by fork, vfork or clone", task.name);
        if (!is_carried(task.kind)) continue;
        if (std::optional<std::string> reason = why_not_carried_by_several(scenario, task)) return reason;
        const auto [entry, is_new] = carriers.try_emplace({task.process, task.carrier}, &task);
        if (!is_new && entry->second->cores != task.cores)
            return fmt::format("tasks '{}' and '{}' share a carrier, a thread, but are bound to different cores",
                               entry->second->name, task.name);
    }
    if (std::optional<std::string> reason = why_not_channels(scenario)) return reason;
    if (std::optional<std::string> reason = why_no_ceiling(scenario)) return reason;
    if (scenario.machine.memory.page_size != base_page || scenario.machine.memory.address_bits == 32)
        return fmt::format("it is about pages of {} and {} bits of address, which this machine does not have",
                           text_of(scenario.machine.memory.page_size), scenario.machine.memory.address_bits);
    for (const Semaphore& semaphore : scenario.semaphores)
        if (semaphore.initial > std::numeric_limits<std::int32_t>::max())
            return fmt::format("semaphore '{}' begins at {}: a futex counts to 2^31 - 1", semaphore.name,
                               semaphore.initial);
    if (std::optional<std::string> reason = why_not_asynchronous(scenario)) return reason;
    if (std::optional<std::string> reason = why_not_walked_over(scenario)) return reason;
    return why_not_counted(scenario);
}

namespace {

// --- Operations and their amounts --------------------------------------------------------------------------------

OperationKind kind_for_runner(const Operation& operation) {
    if (operation.kind != OperationKind::clone) return operation.kind;
    return operation.shares_memory ? OperationKind::spawn : OperationKind::fork;
}

// Operands under the plan's numbering of regions, files and rows.
class MemoryOperations {
public:
    MemoryOperations(Plan& plan, const Scenario& scenario)
        : plan_(plan), numbering_(number_regions(scenario)), sizes_(scenario), rows_(observation_names(scenario)) {
        for (const TaskTemplate& task : scenario.tasks) {
            const auto& code = task.program.code;
            const bool uses_memory =
                task.memory != SegmentSizes{} || std::any_of(code.begin(), code.end(), [](const Operation& operation) {
                    return is_about_memory(operation.kind);
                });
            if (uses_memory) plan.header.regions = static_cast<std::uint32_t>(numbering_.names.size());
        }
        plan.header.observations = static_cast<std::uint32_t>(rows_.size());
    }

    // The operation's index.
    std::uint32_t append(std::uint32_t program, const Program& code, const Operation& operation) {
        const MemoryOperands& operands = code.memory;
        const auto region = [&](std::uint32_t own) {
            return own == no_region ? no_index : numbering_.of_program[program][own];
        };
        PlanMemoryOperation planned;
        const auto set_part = [&](const RegionPart& part) {
            planned.region = region(part.region);
            planned.offset = part.offset.count;
            planned.length = part.length.count;
        };
        switch (operation.kind) {
        case OperationKind::map: {
            const Mapping& mapping = operands.mappings[operation.object];
            planned.region = region(mapping.region);
            planned.size = mapping.size.count;
            planned.kind = mapping.kind;
            planned.permissions = mapping.permissions;
            planned.huge = mapping.huge;
            planned.page_size = mapping.page_size.count;
            planned.reserve = mapping.reserve;
            planned.populate = mapping.populate;
            planned.cold = mapping.cold;
            planned.writes_to_file = mapping.writes_to_file;
            planned.start_page = mapping.start_page;
            if (mapping.kind == RegionKind::file) planned.file = append_file(plan_, mapping.size);
            break;
        }
        case OperationKind::unmap: set_part(operands.parts[operation.object]); break;
        case OperationKind::remap: {
            const Remapping& remapping = operands.remappings[operation.object];
            planned.region = region(remapping.region);
            planned.size = remapping.size.count;
            break;
        }
        case OperationKind::protect:
            set_part(operands.protections[operation.object].part);
            planned.permissions = operands.protections[operation.object].permissions;
            break;
        case OperationKind::brk: planned.size = operands.heap_changes[operation.object].bytes; break;
        case OperationKind::advise:
            set_part(operands.advisings[operation.object].part);
            planned.advice = operands.advisings[operation.object].advice;
            break;
        case OperationKind::touch: {
            const Touch& touch = operands.touches[operation.object];
            set_part(touch.part);
            planned.access = touch.access;
            planned.pattern = touch.pattern;
            planned.count = touch.count;
            planned.stride = touch.stride.count;
            if (touch.pattern == AccessPattern::trace) set_trace(planned, operands.traces[touch.trace]);
            break;
        }
        default: {
            const Observation& observation = operands.observations[operation.object];
            planned.region = region(observation.region);
            const auto row = std::find(rows_.begin(), rows_.end(), observation.name);
            planned.observation = static_cast<std::uint32_t>(row - rows_.begin());
        }
        }
        plan_.memory_operations.push_back(planned);
        return static_cast<std::uint32_t>(plan_.memory_operations.size() - 1);
    }

    // That of a compute, which goes over whole pages of a region.
    std::uint32_t append_working_set(std::uint32_t program, const WorkingSet& over) {
        PlanWorkingSet planned{no_index, over.size.count};
        if (over.region != no_region) {
            planned.region = numbering_.of_program[program][over.region];
            planned.size = pages_of(*sizes_.of(program, planned.region), base_page) * base_page.count;
        }
        const auto known = std::find(plan_.working_sets.begin(), plan_.working_sets.end(), planned);
        if (known == plan_.working_sets.end()) {
            plan_.working_sets.push_back(planned);
            return static_cast<std::uint32_t>(plan_.working_sets.size() - 1);
        }
        return static_cast<std::uint32_t>(known - plan_.working_sets.begin());
    }

    static std::uint32_t append_file(Plan& plan, Bytes size) {
        plan.files.push_back({size.count});
        return static_cast<std::uint32_t>(plan.files.size() - 1);
    }

private:
    void set_trace(PlanMemoryOperation& planned, const PageTrace& trace) {
        const auto [entry, is_new] = traces_.try_emplace(&trace, static_cast<std::uint32_t>(plan_.pages.size()));
        if (is_new) plan_.pages.insert(plan_.pages.end(), trace.pages.begin(), trace.pages.end());
        planned.first_page = entry->second;
        planned.pages = static_cast<std::uint32_t>(trace.pages.size());
    }

    Plan& plan_;
    RegionNumbering numbering_;
    KnownSizes sizes_;
    std::vector<std::string> rows_;
    std::map<const PageTrace*, std::uint32_t> traces_;
};

std::uint32_t append_predicate(Plan& plan, const Predicate& predicate) {
    plan.predicates.push_back({predicate.variable, predicate.comparison, predicate.value});
    return static_cast<std::uint32_t>(plan.predicates.size() - 1);
}

void append_synchronisation(Plan& plan, PlanOperation& planned, const Program& program, const Operation& operation) {
    const SynchronisationOperands& operands = program.synchronisation;
    if (operation.kind == OperationKind::branch) {
        planned.object = append_predicate(plan, operands.predicates[operation.object]);
    } else if (operation.kind == OperationKind::await) {
        const Await& await = operands.awaits[operation.object];
        const std::uint32_t predicate =
            await.predicate == no_predicate ? no_index : append_predicate(plan, operands.predicates[await.predicate]);
        plan.awaits.push_back({await.condition, await.lock, predicate});
        planned.object = static_cast<std::uint32_t>(plan.awaits.size() - 1);
    } else {
        const Update& update = operands.updates[operation.object];
        planned.object = update.variable;
        planned.operand = Operand::constant;
        planned.value = update.value;
    }
}

std::int64_t append_distribution(Plan& plan, const Distribution& distribution) {
    plan.distributions.push_back({distribution.kind, distribution.first, distribution.second,
                                  static_cast<std::uint32_t>(plan.distribution_values.size()),
                                  static_cast<std::uint32_t>(distribution.values.size())});
    plan.distribution_values.insert(plan.distribution_values.end(), distribution.values.begin(),
                                    distribution.values.end());
    return static_cast<std::int64_t>(plan.distributions.size() - 1);
}

void append_program(Plan& plan, std::uint32_t index, const Program& program, const RunnerUnits& units,
                    MemoryOperations& memory) {
    plan.programs.push_back({static_cast<std::uint32_t>(plan.operations.size()),
                             static_cast<std::uint32_t>(program.code.size()),
                             static_cast<std::uint32_t>(program.slots.size()), program.repeat_depth});
    const bool children_draw = draws(program);
    const std::vector<bool> conditional = conditional_operations(program);
    for (std::uint32_t at = 0; at < program.code.size(); ++at) {
        const Operation& operation = program.code[at];
        PlanOperation& planned = plan.operations.emplace_back();
        planned.kind = kind_for_runner(operation);
        planned.task_kind = operation.kind == OperationKind::clone ? TaskKind::thread : operation.task_kind;
        planned.asynchronous = operation.asynchronous;
        planned.style = operation.style;
        planned.ignores_break = operation.ignores_break;
        planned.end = operation.end;
        planned.target = operation.target;
        planned.slot = operation.slot;
        planned.object = operation.object;
        if (creates_task(operation.kind) && children_draw && !conditional[at]) planned.operand = Operand::drawn;
        if (draws_references(program, operation)) planned.operand = Operand::drawn;
        if (is_about_memory(operation.kind)) planned.object = memory.append(index, program, operation);
        if (has_synchronisation_operands(operation.kind)) append_synchronisation(plan, planned, program, operation);
        if (operation.kind == OperationKind::compute && operation.object != no_object)
            planned.object = memory.append_working_set(index, program.working_sets[operation.object]);
        if (!takes_amount(operation.kind)) continue;
        const Distribution& amount = program.amounts[operation.amount];
        if (amount.is_constant()) {
            planned.operand = Operand::constant;
            planned.value = in_runner_units(units, operation.kind, amount.value);
        } else if (operation.of_request) {
            planned.operand = Operand::of_request;
            planned.value = operation.slot;
            planned.slot = no_slot;
        } else if (conditional[at]) {
            plan.programs.back().samples = true;
            planned.operand = Operand::sampled;
            planned.value = append_distribution(plan, amount);
        } else {
            planned.operand = Operand::drawn;
        }
    }
}

void append_instance(Plan& plan, const Scenario& scenario, const Member& member, const RunnerUnits& units) {
    const TaskTemplate& task = scenario.tasks[member.program];
    const std::int64_t start = sample(task.start, {scenario.seed, member.program, member.number, start_operation, 0});
    plan.instances.push_back({member.program, member.number, task.kind, static_cast<std::uint32_t>(plan.values.size()),
                              in_runner_units(units, OperationKind::sleep, start)});
    if (task.interpreter != no_object) plan.instances.back().interpreter = task.interpreter;
}

// Those of every request there can be, whoever will work on it.
void draw_request_amounts(Plan& plan, const Scenario& scenario) {
    for (std::uint32_t amount = 0; amount < scenario.request_amounts.size(); ++amount)
        for (std::uint32_t request = 0; request < plan.header.requests; ++request)
            plan.request_amounts.push_back(
                sample(scenario.request_amounts[amount].amount, request_key(scenario.seed, amount, request)));
}

// Of one instance, what is not counted beforehand: jobs at most, pieces of work about.
struct UndecidedOfInstance {
    std::uint64_t jobs = 0;
    std::uint64_t pieces = 0;
};

// So much work of an instance could be timed where nobody knows beforehand how much there is, by its mean.
std::uint64_t undecided_pieces(const TaskTemplate& task, const std::vector<std::uint64_t>& executions,
                               const RunnerUnits& units) {
    const std::vector<bool> conditional = conditional_operations(task.program);
    std::uint64_t pieces = 0;
    for (std::size_t at = 0; at < executions.size(); ++at) {
        const Operation& operation = task.program.code[at];
        if (!conditional[at] || operation.kind != OperationKind::compute) continue;
        const double amount = std::min(mean(task.program.amounts[operation.amount]), 9e18);
        const std::uint64_t each =
            timed_pieces(units, in_runner_units(units, operation.kind, static_cast<std::int64_t>(amount)));
        pieces += std::min(executions[at], most_samples) * std::min(each, most_samples);
    }
    return (pieces + task.count - 1) / task.count;
}

// --- What the scheduler is told ----------------------------------------------------------------------------------

std::int64_t nanoseconds(Duration duration) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count();
}

PlanScheduling planned_scheduling(const TaskTemplate& task) {
    const Scheduling& wanted = task.scheduling;
    PlanScheduling planned;
    planned.policy = wanted.policy;
    planned.nice = wanted.nice;
    planned.priority = wanted.priority;
    planned.group = task.group == no_group ? no_index : task.group;
    planned.slice = nanoseconds(wanted.slice);
    if (wanted.timer_slack) planned.timer_slack = nanoseconds(*wanted.timer_slack);
    if (wanted.policy != LinuxPolicy::deadline) return planned;
    planned.runtime = nanoseconds(wanted.runtime);
    planned.deadline = nanoseconds(wanted.relative_deadline());
    planned.period = nanoseconds(wanted.period);
    return planned;
}

// --- Everything else ---------------------------------------------------------------------------------------------

// To the process that was added last.
void add_segments(Plan& plan, std::map<std::uint32_t, PlanProcess>& known, std::uint32_t program,
                  const SegmentSizes& sizes) {
    const auto [entry, is_new] = known.try_emplace(program);
    PlanProcess& like = entry->second;
    if (is_new) {
        for (int i = 0; i < segments; ++i)
            like.segment_sizes[static_cast<std::size_t>(i)] = sizes.of(static_cast<Segment>(i)).count;
        if (sizes.text.count > 0) like.text_file = MemoryOperations::append_file(plan, sizes.text);
        if (sizes.data.count > 0) like.data_file = MemoryOperations::append_file(plan, sizes.data);
    }
    PlanProcess& process = plan.processes.back();
    process.segment_sizes = like.segment_sizes;
    process.text_file = like.text_file;
    process.data_file = like.data_file;
}

// Where threads begin that outnumber the cores. The kernel would wake each where it happened to fall asleep, so that as
// often as not a core begins with one too many, and balancing takes its time; in the simulator a task that arrives
// begins where the fewest are (sim/sched/fair/placement_of_new.hpp). Real-time classes look for a core themselves.
void choose_homes(Plan& plan) {
    const auto count = plan.cpus.size();
    if (count == 1 || plan.threads.size() <= count) return;
    std::vector<std::uint32_t> beginning(count);
    for (PlanThread& thread : plan.threads) {
        const LinuxPolicy policy = thread.scheduling.policy;
        const bool is_fair =
            policy == LinuxPolicy::normal || policy == LinuxPolicy::batch || policy == LinuxPolicy::idle;
        if (!is_fair) continue;
        std::uint32_t home = no_index;
        const auto consider = [&](std::uint32_t core) {
            if (home == no_index || beginning[core] < beginning[home]) home = core;
        };
        for (std::uint32_t i = 0; i < thread.cores; ++i) consider(plan.cores[thread.first_core + i]);
        for (std::uint32_t core = 0; thread.cores == 0 && core < count; ++core) consider(core);
        ++beginning[home];
        thread.home = home;
    }
}

// Any of the threads that share what they carry may do all of its work.
void share_pieces(const Plan& plan, std::vector<std::uint64_t>& pieces) {
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (plan.threads[i].first_carrier != i) continue;
        const std::span group(&pieces[i], plan.threads[i].carriers);
        std::ranges::fill(group, std::accumulate(group.begin(), group.end(), std::uint64_t{0}));
    }
}

} // namespace

Plan compile(const Scenario& scenario, const CompileOptions& options) {
    if (const std::optional<std::string> reason = why_not_native(scenario))
        throw InputError(fmt::format("'{}' cannot run natively: {}", scenario.name, *reason), {scenario.file, 0, 0});

    const RunnerUnits units = runner_units(options.iteration_picoseconds);
    Plan plan;
    plan.header.longest_piece = units.longest_piece;
    plan.header.shortest_sampled_piece = units.shortest_sampled_piece;
    plan.header.seed = scenario.seed;
    plan.header.iteration_picoseconds = options.iteration_picoseconds;
    plan.header.start_delay = options.start_delay.count();
    plan.header.records_threads = options.records_threads ? 1 : 0;
    plan.header.reads_counters = options.reads_counters ? 1 : 0;
    plan.cpus.assign(options.cpus.begin(), options.cpus.end());
    MemoryOperations memory(plan, scenario);
    for (std::uint32_t i = 0; i < scenario.tasks.size(); ++i)
        append_program(plan, i, scenario.tasks[i].program, units, memory);
    DrawnReferences references(scenario);
    references.pages = std::move(plan.pages);           // behind the traces
    std::map<std::uint32_t, PlanProcess> with_segments; // by template: its instances' text and data are the same files

    const std::vector<ProcessThreads> house = house_of(scenario);
    const Bounds bounds = bounds_of(scenario);
    std::vector<UndecidedOfInstance> undecided_of;
    for (std::uint32_t i = 0; i < scenario.tasks.size(); ++i) {
        const Undecided most = undecided(scenario.tasks[i].program, bounds.executions[i]);
        plan.header.requests += static_cast<std::uint32_t>(most.requests);
        plan.header.dynamic_tasks += static_cast<std::uint32_t>(most.children);
        undecided_of.push_back({most.jobs, undecided_pieces(scenario.tasks[i], bounds.executions[i], units)});
    }
    draw_request_amounts(plan, scenario);
    append_shared_objects(plan, scenario);
    append_channels(plan, scenario, bounds);
    for (const Group& group : scenario.groups)
        plan.groups.push_back({group.parent == no_group ? no_index : group.parent});

    std::vector<std::optional<Family>> alike(scenario.tasks.size()); // of templates that draw nothing
    std::vector<std::uint64_t> pieces;
    for (const ProcessThreads& process : house) {
        plan.processes.push_back({static_cast<std::uint32_t>(plan.threads.size()),
                                  static_cast<std::uint32_t>(process.threads.size()), process.resident.count});
        append_holdings(plan, scenario, process);
        if (process.segments_of != no_template) {
            plan.processes.back().memory_limit = scenario.tasks[process.segments_of].memory_limit.count;
            add_segments(plan, with_segments, process.segments_of, scenario.tasks[process.segments_of].memory);
        }
        for (const ThreadMembers& members : process.threads) {
            const TaskTemplate& first = scenario.tasks[members.like_template];
            PlanThread& thread = plan.threads.emplace_back();
            thread.program = members.like_template;
            thread.carriers = members.carriers;
            thread.first_carrier = static_cast<std::uint32_t>(plan.threads.size() - 1) - members.place;
            if (first.interpreter != no_object) thread.interpreter = first.interpreter;
            thread.process = static_cast<std::uint32_t>(plan.processes.size() - 1);
            thread.is_main = process.is_task && &members == &process.threads.front();
            thread.carries = members.carries;
            thread.carried_kind = first.kind;
            thread.first_instance = static_cast<std::uint32_t>(plan.instances.size());
            thread.instances = static_cast<std::uint32_t>(members.members.size());
            thread.first_core = static_cast<std::uint32_t>(plan.cores.size());
            thread.cores = static_cast<std::uint32_t>(first.cores.size());
            thread.scheduling = planned_scheduling(first);
            plan.cores.insert(plan.cores.end(), first.cores.begin(), first.cores.end());
            Family families;
            for (const Member& member : members.members) {
                append_instance(plan, scenario, member, units);
                Family family;
                std::optional<Family>& known = alike[member.program];
                if (known)
                    family = *known;
                else
                    draw_family(family, plan.values, scenario, member, units, references);
                if (!draws(scenario.tasks[member.program].program)) known = family;
                families.children += family.children;
                families.pieces += family.pieces + undecided_of[member.program].pieces;
                plan.instances.back().first_job = plan.header.jobs;
                plan.instances.back().jobs =
                    static_cast<std::uint32_t>(family.jobs + undecided_of[member.program].jobs);
                plan.header.jobs += plan.instances.back().jobs;
            }
            plan.header.dynamic_tasks += static_cast<std::uint32_t>(families.children);
            pieces.push_back(families.pieces);
        }
    }
    share_pieces(plan, pieces);
    append_devices(plan, scenario);
    plan.pages = std::move(references.pages);
    choose_homes(plan);
    const std::uint64_t room = std::max<std::uint64_t>(1, most_samples / std::max<std::size_t>(1, plan.threads.size()));
    std::uint64_t samples = 0;
    for (std::size_t i = 0; i < plan.threads.size(); ++i) {
        PlanThread& thread = plan.threads[i];
        thread.sample_stride = static_cast<std::uint32_t>(
            std::clamp<std::uint64_t>((pieces[i] + room - 1) / room, 1, std::numeric_limits<std::uint32_t>::max()));
        thread.samples = static_cast<std::uint32_t>(std::min(pieces[i], room));
        thread.first_sample = std::exchange(samples, samples + thread.samples);
    }
    return plan;
}

} // namespace switchyard::native
