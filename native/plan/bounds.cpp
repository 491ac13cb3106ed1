#include "native/plan/bounds.hpp"

#include <algorithm>
#include <cmath>

namespace switchyard::native {

namespace {

std::uint64_t sum(std::uint64_t a, std::uint64_t b) {
    std::uint64_t result = 0;
    return __builtin_add_overflow(a, b, &result) ? unbounded : result;
}

std::uint64_t product(std::uint64_t a, std::uint64_t b) {
    std::uint64_t result = 0;
    return __builtin_mul_overflow(a, b, &result) ? unbounded : result;
}

// The largest value there can be.
std::uint64_t most_of(const Distribution& distribution) {
    switch (distribution.kind) {
    case Distribution::Kind::constant: return static_cast<std::uint64_t>(std::max<std::int64_t>(distribution.value, 0));
    case Distribution::Kind::uniform: return static_cast<std::uint64_t>(std::llround(distribution.second));
    case Distribution::Kind::empirical:
    case Distribution::Kind::sequence:
        return static_cast<std::uint64_t>(std::max<std::int64_t>(std::ranges::max(distribution.values), 0));
    default: return unbounded;
    }
}

// Of all channels: how often somebody sends, and how many bytes.
struct Traffic {
    std::vector<std::uint64_t> sends;
    std::vector<std::uint64_t> bytes;
    friend bool operator==(const Traffic&, const Traffic&) = default;
};

class BoundOfProgram {
public:
    BoundOfProgram(const Scenario& scenario, const Program& program, const Traffic& traffic, Traffic& sent,
                   std::vector<std::uint64_t>& executions)
        : scenario_(scenario), program_(program), traffic_(traffic), sent_(sent), executions_(executions) {}

    // Executes the code from `at` up to `end` so often; how often its end is reached.
    std::uint64_t walk(std::uint32_t at, std::uint32_t end, std::uint64_t times) {
        while (at < end) {
            const Operation& operation = program_.code[at];
            executions_[at] = sum(executions_[at], times);
            switch (operation.kind) {
            case OperationKind::end:
            case OperationKind::exit:
            case OperationKind::crash: return 0;
            case OperationKind::fork:
            case OperationKind::vfork:
            case OperationKind::clone:
            case OperationKind::spawn:
                times = sum(times, walk(at + 1, operation.target, times)); // a fork's child may run on
                at = operation.target;
                break;
            case OperationKind::exec:
                times = walk(at + 1, operation.target, times);
                at = operation.target;
                break;
            case OperationKind::repeat: {
                const std::uint64_t rounds = product(times, most_of(program_.amounts[operation.amount]));
                // Children that run on in it are twice as many after each round.
                if (walk(at + 1, operation.target, rounds) > rounds) times = walk(at + 1, operation.target, unbounded);
                at = operation.target;
                break;
            }
            case OperationKind::for_each:
                static_cast<void>(walk(at + 1, operation.target, rounds_of(operation, times)));
                at = operation.target;
                break;
            case OperationKind::branch:
            case OperationKind::try_lock: times = alternatives(at, times); break;
            case OperationKind::send: send(operation, times); [[fallthrough]];
            default: ++at;
            }
        }
        return times;
    }

private:
    // A message a round; of a stream so many bytes, at its end perhaps fewer for each who receives.
    std::uint64_t rounds_of(const Operation& operation, std::uint64_t times) const {
        if (has_messages(scenario_.channels[operation.object].kind)) return traffic_.sends[operation.object];
        const std::uint64_t bytes = traffic_.bytes[operation.object];
        const Distribution& size = program_.amounts[operation.amount];
        const bool is_known = size.is_constant() && size.value > 0;
        if (bytes == unbounded || !is_known) return bytes;
        return sum(bytes / static_cast<std::uint64_t>(size.value), times);
    }

    void send(const Operation& operation, std::uint64_t times) {
        std::uint64_t& sends = sent_.sends[operation.object];
        std::uint64_t& bytes = sent_.bytes[operation.object];
        sends = sum(sends, times);
        bytes = sum(bytes, times == 0 ? 0 : product(times, most_of(program_.amounts[operation.amount])));
    }

    // Of a `while` that goes round as long as a variable is more than something, and takes from it each time: what
    // there is to be taken, and once more for each who had looked before the others took. Else nobody knows.
    std::uint64_t rounds_of_countdown(std::uint32_t at, std::uint64_t times) const {
        const Operation& loop = program_.code[at];
        const Predicate& predicate = program_.synchronisation.predicates[loop.object];
        const Variable& variable = scenario_.variables[predicate.variable];
        const std::int64_t least = predicate.value + (predicate.comparison == Comparison::more ? 1 : 0);
        const bool is_lower_bound =
            predicate.comparison == Comparison::more || predicate.comparison == Comparison::at_least;
        if (!is_lower_bound || !variable.atomic || !takes_each_round(at, predicate.variable) ||
            !only_falls(predicate.variable))
            return unbounded;
        return sum(variable.initial < least ? 0 : static_cast<std::uint64_t>(variable.initial - least) + 1, times);
    }

    // Whether the body begins by taking from it: whatever it does afterwards, it has done that.
    bool takes_each_round(std::uint32_t at, std::uint32_t variable) const {
        const Operation& first = program_.code[at + 1];
        if (first.kind != OperationKind::add) return false;
        const Update& update = program_.synchronisation.updates[first.object];
        return update.variable == variable && update.value < 0;
    }

    bool only_falls(std::uint32_t variable) const {
        return std::ranges::all_of(scenario_.tasks, [&](const TaskTemplate& task) {
            return std::ranges::all_of(task.program.code, [&](const Operation& operation) {
                if (operation.kind != OperationKind::add && operation.kind != OperationKind::write) return true;
                const Update& update = task.program.synchronisation.updates[operation.object];
                return update.variable != variable || (operation.kind == OperationKind::add && update.value < 0);
            });
        });
    }

    // Of an `if`, or a `while`, whose body nobody counts.
    std::uint64_t alternatives(std::uint32_t& at, std::uint64_t times) {
        const std::uint32_t target = program_.code[at].target;
        const Operation& last = program_.code[target - 1];
        const bool jumps = last.kind == OperationKind::jump;
        if (jumps && last.target == at) {
            static_cast<void>(walk(at + 1, target, times == 0 ? 0 : rounds_of_countdown(at, times)));
            at = target;
            return times;
        }
        std::uint64_t most = std::max(times, walk(at + 1, target, times));
        at = target;
        if (!jumps) return most;
        most = std::max(most, walk(target, last.target, times));
        at = last.target;
        return most;
    }

    const Scenario& scenario_;
    const Program& program_;
    const Traffic& traffic_;
    Traffic& sent_;
    std::vector<std::uint64_t>& executions_;
};

Traffic no_traffic(const Scenario& scenario) {
    const std::vector<std::uint64_t> none(scenario.channels.size(), 0);
    return {none, none};
}

// What is sent if so much can be received.
Traffic go_round(const Scenario& scenario, const Traffic& traffic, Bounds& bounds) {
    Traffic sent = no_traffic(scenario);
    for (std::size_t i = 0; i < scenario.tasks.size(); ++i) {
        const TaskTemplate& task = scenario.tasks[i];
        std::vector<std::uint64_t>& executions = bounds.executions[i];
        executions.assign(task.program.code.size(), 0);
        static_cast<void>(BoundOfProgram(scenario, task.program, traffic, sent, executions)
                              .walk(0, static_cast<std::uint32_t>(task.program.code.size()), task.count));
    }
    return sent;
}

} // namespace

Bounds bounds_of(const Scenario& scenario) {
    Bounds bounds;
    bounds.executions.resize(scenario.tasks.size());
    Traffic traffic = no_traffic(scenario);
    for (std::size_t round = 0;; ++round) {
        Traffic sent = go_round(scenario, traffic, bounds);
        if (sent == traffic) break;
        const bool is_circle = round > scenario.channels.size(); // without one, each round settles one channel more
        for (std::size_t i = 0; is_circle && i < sent.sends.size(); ++i) {
            if (sent.sends[i] != traffic.sends[i]) sent.sends[i] = unbounded;
            if (sent.bytes[i] != traffic.bytes[i]) sent.bytes[i] = unbounded;
        }
        traffic = std::move(sent);
    }
    bounds.sends = std::move(traffic.sends);
    return bounds;
}

} // namespace switchyard::native
