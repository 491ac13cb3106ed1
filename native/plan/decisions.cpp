#include "native/plan/decisions.hpp"

#include "native/plan/family.hpp"

#include <fmt/format.h>

namespace switchyard::native {

bool is_decided_by_others(const Operation& operation) {
    return is_decision(operation.kind) || (operation.kind == OperationKind::repeat && operation.of_request);
}

std::uint32_t behind_decision(const Program& program, std::uint32_t at) {
    const std::uint32_t target = program.code[at].target;
    const Operation& last = program.code[target - 1];
    const bool has_alternative = last.kind == OperationKind::jump && last.target >= target;
    return has_alternative ? last.target : target;
}

std::vector<bool> conditional_operations(const Program& program) {
    std::vector<bool> conditional(program.code.size(), false);
    for (std::uint32_t at = 0; at < program.code.size(); ++at) {
        if (!is_decided_by_others(program.code[at])) continue;
        for (std::uint32_t inside = at + 1; inside < behind_decision(program, at); ++inside) conditional[inside] = true;
    }
    return conditional;
}

namespace {

// A fork's child that is not over with its own part.
bool runs_on(const Program& program, const Operation& operation) {
    if (operation.kind != OperationKind::fork) return false;
    const OperationKind last = program.code[operation.target - 1].kind;
    return last != OperationKind::exit && last != OperationKind::crash && last != OperationKind::end;
}

bool needs_room(OperationKind kind) {
    return creates_task(kind) || kind == OperationKind::job || kind == OperationKind::begin_request;
}

} // namespace

std::optional<std::string> why_not_decided(const Program& program, const std::vector<std::uint64_t>& executions) {
    const std::vector<bool> conditional = conditional_operations(program);
    for (std::uint32_t at = 0; at < program.code.size(); ++at) {
        const Operation& operation = program.code[at];
        const bool is_uncounted = conditional[at] || operation.kind == OperationKind::begin_request;
        if (is_uncounted && needs_room(operation.kind) && executions[at] == unbounded)
            return fmt::format("'{}' stands where others decide how often it is executed: how many there will be at "
                               "most has to be known beforehand",
                               name_of(operation.kind));
        if (!conditional[at]) continue;
        if (runs_on(program, operation))
            return "'fork' stands where others decide how often it is executed, and its child runs on: let it end "
                   "with its own part";
        if (draws_references(program, operation))
            return "'touch' is drawn where others decide how often it is executed: let it be constant, or a task of "
                   "its own do it";
    }
    return std::nullopt;
}

Undecided undecided(const Program& program, const std::vector<std::uint64_t>& executions) {
    const std::vector<bool> conditional = conditional_operations(program);
    Undecided most;
    for (std::uint32_t at = 0; at < program.code.size(); ++at) {
        const OperationKind kind = program.code[at].kind;
        if (kind == OperationKind::begin_request) most.requests += executions[at];
        if (!conditional[at]) continue;
        if (creates_task(kind)) most.children += executions[at];
        if (kind == OperationKind::job) most.jobs += executions[at];
    }
    return most;
}

} // namespace switchyard::native
