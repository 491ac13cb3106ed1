#include "native/plan/compile.hpp"

#include "native/plan/executions.hpp"
#include "native/plan/house.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <utility>

namespace switchyard::native {

namespace {

constexpr double longest_piece_picoseconds = 100e6;        // 100 us: many pieces between two timer ticks
constexpr double shortest_sampled_piece_picoseconds = 4e6; // 4 us: a stamp is then less than a per cent of it
constexpr std::uint64_t most_samples = std::uint64_t{1} << 18;
constexpr std::uint64_t most_values = std::uint64_t{1} << 26; // half a GiB

// --- What cannot be run ------------------------------------------------------------------------------------------

DrawAmount draws_of(const Scenario& scenario, Member member) {
    return [&scenario, member](std::uint32_t operation, std::uint64_t draw) {
        const Program& program = scenario.tasks[member.program].program;
        return sample(program.amounts[program.code[operation].amount],
                      {scenario.seed, member.program, member.number, operation, draw});
    };
}

bool creates_task(OperationKind kind) {
    return kind == OperationKind::fork || kind == OperationKind::vfork || kind == OperationKind::clone ||
           kind == OperationKind::spawn;
}

bool takes_amount(OperationKind kind) {
    return kind == OperationKind::compute || kind == OperationKind::sleep || kind == OperationKind::repeat ||
           kind == OperationKind::send || kind == OperationKind::receive;
}

struct Totals {
    std::uint64_t children = 0;
    std::uint64_t values = 0;
};

// Throws InputError where a count cannot be known or goes beyond all bounds.
void add_totals(Totals& totals, const Scenario& scenario, Member member) {
    const Program& program = scenario.tasks[member.program].program;
    const std::vector<std::uint64_t> times = executions_of(program, draws_of(scenario, member));
    for (std::size_t at = 0; at < times.size(); ++at) {
        const Operation& operation = program.code[at];
        if (creates_task(operation.kind)) totals.children += times[at];
        if (takes_amount(operation.kind) && !program.amounts[operation.amount].is_constant())
            totals.values += times[at];
    }
}

bool draws_anything(const Program& program) {
    return std::any_of(program.amounts.begin(), program.amounts.end(),
                       [](const Distribution& amount) { return !amount.is_constant(); });
}

std::optional<std::string> why_not_counted(const Scenario& scenario) {
    Totals totals;
    for (std::uint32_t program = 0; program < scenario.tasks.size(); ++program) {
        const TaskTemplate& task = scenario.tasks[program];
        const bool all_alike = !draws_anything(task.program);
        for (std::uint32_t number = 0; number < (all_alike ? 1 : task.count); ++number) {
            Totals one;
            try {
                add_totals(one, scenario, {program, number});
            } catch (const InputError& error) {
                return fmt::format("task '{}': {}", task.name, error.message());
            }
            totals.children += one.children * (all_alike ? task.count : 1);
            totals.values += one.values * (all_alike ? task.count : 1);
            if (totals.children > most_tasks)
                return fmt::format("task '{}': more than {} children would be forked and spawned", task.name,
                                   most_tasks);
            if (totals.values > most_values)
                return fmt::format("task '{}': more than {} amounts would have to be drawn beforehand", task.name,
                                   most_values);
        }
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
        for (const Operation& operation : task.program.code)
            if (operation.kind == OperationKind::spawn && operation.task_kind == TaskKind::process)
                return fmt::format("task '{}' spawns a process: a process is made by fork, vfork or clone", task.name);
        if (!is_carried(task.kind)) continue;
        const auto [entry, is_new] = carriers.try_emplace({task.process, task.carrier}, &task);
        if (!is_new && entry->second->cores != task.cores)
            return fmt::format("tasks '{}' and '{}' share a carrier, a thread, but are bound to different cores",
                               entry->second->name, task.name);
    }
    for (const Semaphore& semaphore : scenario.semaphores)
        if (semaphore.initial > std::numeric_limits<std::int32_t>::max())
            return fmt::format("semaphore '{}' begins at {}: a futex counts to 2^31 - 1", semaphore.name,
                               semaphore.initial);
    return why_not_counted(scenario);
}

namespace {

// --- Operations and their amounts --------------------------------------------------------------------------------

std::int64_t in_unit(double value) { return std::llround(std::min(value, 9.2e18)); }

// An amount in the runner's units.
std::int64_t converted(OperationKind kind, std::int64_t amount, double iteration_picoseconds) {
    switch (kind) {
    case OperationKind::compute: return in_unit(static_cast<double>(amount) / iteration_picoseconds);
    case OperationKind::sleep: return amount / 1000 + (amount % 1000 >= 500 ? 1 : 0); // ns
    default: return amount;
    }
}

OperationKind kind_for_runner(const Operation& operation) {
    if (operation.kind != OperationKind::clone) return operation.kind;
    return operation.shares_memory ? OperationKind::spawn : OperationKind::fork;
}

void append_program(Plan& plan, const Program& program, double iteration_picoseconds) {
    plan.programs.push_back({static_cast<std::uint32_t>(plan.operations.size()),
                             static_cast<std::uint32_t>(program.code.size()),
                             static_cast<std::uint32_t>(program.slots.size()), program.repeat_depth});
    std::int64_t streams = 0;
    for (const Operation& operation : program.code) {
        PlanOperation& planned = plan.operations.emplace_back();
        planned.kind = kind_for_runner(operation);
        planned.task_kind = operation.kind == OperationKind::clone ? TaskKind::thread : operation.task_kind;
        planned.asynchronous = operation.asynchronous;
        planned.target = operation.target;
        planned.slot = operation.slot;
        planned.object = operation.object;
        if (!takes_amount(operation.kind)) continue;
        const Distribution& amount = program.amounts[operation.amount];
        planned.operand = amount.is_constant() ? Operand::constant : Operand::drawn;
        planned.value =
            amount.is_constant() ? converted(operation.kind, amount.value, iteration_picoseconds) : streams++;
    }
}

// How many pieces of such work can be timed.
std::uint64_t timed_pieces(const PlanHeader& header, std::int64_t iterations) {
    const auto amount = static_cast<std::uint64_t>(iterations);
    return amount / header.longest_piece + (amount % header.longest_piece >= header.shortest_sampled_piece ? 1 : 0);
}

struct InstanceTotals {
    std::uint64_t children = 0;
    std::uint64_t work = 0; // iterations
    std::uint64_t pieces = 0;

    // The same work so many times.
    void add_work(const PlanHeader& header, std::int64_t iterations, std::uint64_t times) {
        work += times * static_cast<std::uint64_t>(iterations);
        pieces += times * timed_pieces(header, iterations);
    }
};

InstanceTotals append_instance(Plan& plan, const Scenario& scenario, Member member,
                               const std::vector<std::uint64_t>& times, double iteration_picoseconds) {
    const TaskTemplate& task = scenario.tasks[member.program];
    const DrawAmount draw = draws_of(scenario, member);
    const std::int64_t start = sample(task.start, {scenario.seed, member.program, member.number, start_operation, 0});
    plan.instances.push_back({member.program, member.number, task.kind, static_cast<std::uint32_t>(plan.streams.size()),
                              converted(OperationKind::sleep, start, iteration_picoseconds)});
    InstanceTotals totals;
    const PlanOperation* const code = plan.operations.data() + plan.programs[member.program].first_operation;
    for (std::uint32_t at = 0; at < times.size(); ++at) {
        const OperationKind kind = task.program.code[at].kind;
        if (creates_task(kind)) totals.children += times[at];
        if (code[at].operand == Operand::constant && kind == OperationKind::compute)
            totals.add_work(plan.header, code[at].value, times[at]);
        if (code[at].operand != Operand::drawn) continue;
        plan.streams.push_back({plan.values.size(), times[at]});
        for (std::uint64_t execution = 0; execution < times[at]; ++execution) {
            plan.values.push_back(converted(kind, draw(at, execution), iteration_picoseconds));
            if (kind == OperationKind::compute) totals.add_work(plan.header, plan.values.back(), 1);
        }
    }
    return totals;
}

// --- Everything else ---------------------------------------------------------------------------------------------

// Which semaphores only threads of one process ever see.
std::vector<PlanSemaphore> planned_semaphores(const Scenario& scenario, const std::vector<ProcessThreads>& house) {
    constexpr std::size_t nobody = std::numeric_limits<std::size_t>::max();
    std::vector<std::size_t> user(scenario.semaphores.size(), nobody);
    std::vector<bool> shared(scenario.semaphores.size(), false);
    for (std::size_t process = 0; process < house.size(); ++process)
        for (const ThreadMembers& thread : house[process].threads)
            for (const Member& member : thread.members) {
                const std::vector<Operation>& code = scenario.tasks[member.program].program.code;
                const bool forks = std::any_of(code.begin(), code.end(), [](const Operation& operation) {
                    return creates_task(operation.kind) && kind_for_runner(operation) != OperationKind::spawn;
                });
                for (const Operation& operation : code) {
                    if (operation.kind != OperationKind::acquire && operation.kind != OperationKind::release) continue;
                    if (forks || (user[operation.object] != nobody && user[operation.object] != process))
                        shared[operation.object] = true;
                    user[operation.object] = process;
                }
            }
    std::vector<PlanSemaphore> semaphores;
    for (std::size_t i = 0; i < user.size(); ++i)
        semaphores.push_back({static_cast<std::int32_t>(scenario.semaphores[i].initial), !shared[i]});
    return semaphores;
}

} // namespace

Plan compile(const Scenario& scenario, const CompileOptions& options) {
    if (const std::optional<std::string> reason = why_not_native(scenario))
        throw InputError(fmt::format("'{}' cannot run natively: {}", scenario.name, *reason), {scenario.file, 0, 0});

    Plan plan;
    plan.header.longest_piece =
        static_cast<std::uint64_t>(in_unit(longest_piece_picoseconds / options.iteration_picoseconds));
    plan.header.shortest_sampled_piece =
        static_cast<std::uint64_t>(in_unit(shortest_sampled_piece_picoseconds / options.iteration_picoseconds));
    plan.cpus.assign(options.cpus.begin(), options.cpus.end());
    for (const TaskTemplate& task : scenario.tasks) append_program(plan, task.program, options.iteration_picoseconds);

    const std::vector<ProcessThreads> house = house_of(scenario);
    plan.semaphores = planned_semaphores(scenario, house);
    for (const Pipe& pipe : scenario.pipes) plan.pipes.push_back({pipe.capacity.count});

    std::vector<std::vector<std::uint64_t>> alike(scenario.tasks.size()); // counts of templates that draw nothing
    std::vector<std::uint64_t> pieces;
    for (const ProcessThreads& process : house) {
        plan.processes.push_back({static_cast<std::uint32_t>(plan.threads.size()),
                                  static_cast<std::uint32_t>(process.threads.size()), process.resident.count});
        for (const ThreadMembers& members : process.threads) {
            const TaskTemplate& first = scenario.tasks[members.members.front().program];
            PlanThread& thread = plan.threads.emplace_back();
            thread.process = static_cast<std::uint32_t>(plan.processes.size() - 1);
            thread.is_main = process.is_task && &members == &process.threads.front();
            thread.carries = members.carries;
            thread.carried_kind = first.kind;
            thread.first_instance = static_cast<std::uint32_t>(plan.instances.size());
            thread.instances = static_cast<std::uint32_t>(members.members.size());
            thread.first_core = static_cast<std::uint32_t>(plan.cores.size());
            thread.cores = static_cast<std::uint32_t>(first.cores.size());
            plan.cores.insert(plan.cores.end(), first.cores.begin(), first.cores.end());
            InstanceTotals totals;
            for (const Member& member : members.members) {
                const Program& program = scenario.tasks[member.program].program;
                std::vector<std::uint64_t>& times = alike[member.program];
                if (times.empty() || draws_anything(program))
                    times = executions_of(program, draws_of(scenario, member));
                const InstanceTotals one =
                    append_instance(plan, scenario, member, times, options.iteration_picoseconds);
                totals.children += one.children;
                totals.pieces += one.pieces;
                plan.header.work += one.work;
            }
            plan.header.dynamic_tasks += static_cast<std::uint32_t>(totals.children);
            pieces.push_back(totals.pieces);
        }
    }
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
