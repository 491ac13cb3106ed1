#include "native/plan/decisions.hpp"

#include "native/plan/family.hpp"

#include <fmt/format.h>

namespace switchyard::native {

std::uint32_t behind_decision(const Program& program, std::uint32_t at) {
    const std::uint32_t target = program.code[at].target;
    const Operation& last = program.code[target - 1];
    const bool has_alternative = last.kind == OperationKind::jump && last.target >= target;
    return has_alternative ? last.target : target;
}

std::vector<bool> conditional_operations(const Program& program) {
    std::vector<bool> conditional(program.code.size(), false);
    for (std::uint32_t at = 0; at < program.code.size(); ++at) {
        if (!is_decision(program.code[at].kind)) continue;
        for (std::uint32_t inside = at + 1; inside < behind_decision(program, at); ++inside) conditional[inside] = true;
    }
    return conditional;
}

std::optional<std::string> why_not_decided(const Program& program) {
    const std::vector<bool> conditional = conditional_operations(program);
    std::uint32_t end_of_child = 0;
    for (std::uint32_t at = 0; at < program.code.size(); ++at) {
        const Operation& operation = program.code[at];
        if (creates_task(operation.kind)) end_of_child = std::max(end_of_child, operation.target);
        if (!conditional[at]) continue;
        if (creates_task(operation.kind) || operation.kind == OperationKind::job)
            return fmt::format(
                "'{}' stands where others decide how often it is executed: how many there will be has to "
                "be known beforehand",
                name_of(operation.kind));
        const bool draws = (takes_amount(operation.kind) && !program.amounts[operation.amount].is_constant()) ||
                           draws_references(program, operation);
        if (draws && (at < end_of_child || operation.kind == OperationKind::touch))
            return fmt::format("'{}' is drawn where others decide how often it is executed: let it be constant, or a "
                               "task of its own do it",
                               name_of(operation.kind));
    }
    return std::nullopt;
}

} // namespace switchyard::native
