#include "native/plan/executions.hpp"

#include <fmt/format.h>
#include <utility>

namespace switchyard::native {

namespace {

struct Counting {
    const Program& program;
    const DrawAmount& draw;
    std::vector<std::uint64_t> times;

    [[nodiscard]] bool child_runs_on(std::uint32_t fork) const {
        const Operation& operation = program.code[fork];
        return operation.kind == OperationKind::fork && program.code[operation.target - 1].kind != OperationKind::exit;
    }

    // Whether more tasks come out of these operations than went in.
    [[nodiscard]] bool multiplies(std::uint32_t begin, std::uint32_t end) const {
        for (std::uint32_t at = begin; at < end; ++at)
            if (child_runs_on(at)) return true;
        return false;
    }

    void count(std::uint32_t operation, std::uint64_t tasks) {
        if (tasks > most_executions || (times[operation] += tasks) > most_executions)
            throw InputError(fmt::format("'{}' would be executed more than {} times: repeat it less often",
                                         name_of(program.code[operation].kind), most_executions),
                             program.locations.size() > operation ? program.locations[operation] : SourceLocation{});
    }

    // Follows `tasks` tasks through the operations from `begin` to before `end`; answers how many come out there.
    std::uint64_t follow(std::uint32_t begin, std::uint32_t end, std::uint64_t tasks) {
        for (std::uint32_t at = begin; at < end && tasks > 0;) {
            const Operation& operation = program.code[at];
            count(at, tasks);
            switch (operation.kind) {
            case OperationKind::end:
            case OperationKind::exit:
            case OperationKind::crash: return 0;
            case OperationKind::exec: return follow(at + 1, operation.target, tasks), 0;
            case OperationKind::fork:
            case OperationKind::vfork:
            case OperationKind::clone:
            case OperationKind::spawn:
                tasks += follow(at + 1, operation.target, tasks);
                at = operation.target;
                break;
            case OperationKind::repeat:
                tasks = follow_repeat(at, tasks);
                at = operation.target;
                break;
            default: ++at;
            }
        }
        return tasks;
    }

    std::uint64_t follow_repeat(std::uint32_t repeat, std::uint64_t tasks) {
        const Operation& operation = program.code[repeat];
        const Distribution& rounds = program.amounts[operation.amount];
        const std::uint32_t begin = repeat + 1;
        const std::uint32_t end = operation.target;
        if (multiplies(begin, end)) {
            if (!rounds.is_constant())
                throw InputError(
                    "a fork whose child continues stands in a repeat of drawn length: who of them goes round "
                    "how often is not known beforehand; give the repeat a fixed count",
                    program.locations.size() > repeat ? program.locations[repeat] : SourceLocation{});
            for (std::int64_t round = 0; round < rounds.value && tasks > 0; ++round) tasks = follow(begin, end, tasks);
            return tasks;
        }
        std::uint64_t total = 0;
        if (rounds.is_constant()) {
            if (__builtin_mul_overflow(tasks, static_cast<std::uint64_t>(rounds.value), &total))
                total = most_executions + 1;
        } else {
            const std::uint64_t first = times[repeat] - tasks;
            for (std::uint64_t i = 0; i < tasks && total <= most_executions; ++i)
                total += static_cast<std::uint64_t>(draw(repeat, first + i));
        }
        // A body that everybody leaves for good (exit, exec) leaves nobody to go on behind it.
        const std::uint64_t out = follow(begin, end, total);
        return total > 0 && out == 0 && rounds.is_constant() ? 0 : tasks;
    }
};

} // namespace

std::vector<std::uint64_t> executions_of(const Program& program, const DrawAmount& draw) {
    Counting counting{program, draw, std::vector<std::uint64_t>(program.code.size(), 0)};
    counting.follow(0, static_cast<std::uint32_t>(program.code.size()), 1);
    return std::move(counting.times);
}

} // namespace switchyard::native
