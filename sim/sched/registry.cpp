#include "models/units/text.hpp"
#include "sim/sched/policies.hpp"
#include "sim/sched/policy.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <vector>

namespace switchyard::sim {

std::span<const PolicyDescription> policies() {
    static const std::array all{fifo_policy, round_robin_policy};
    return all;
}

static const PolicyDescription& policy_named(const Scheduler& scheduler) {
    std::vector<std::string_view> names;
    for (const PolicyDescription& description : policies()) {
        if (description.name == scheduler.policy) return description;
        names.push_back(description.name);
    }
    throw InputError(fmt::format("unknown scheduling policy '{}'{}; there are: {}", scheduler.policy,
                                 suggestion(scheduler.policy, names), fmt::join(names, ", ")),
                     scheduler.where);
}

static void check_parameters(const Scheduler& scheduler, const PolicyDescription& description) {
    std::vector<std::string_view> known;
    for (const auto& parameter : description.parameters) known.push_back(parameter.name);
    for (const PolicyParameter& given : scheduler.parameters) {
        if (std::ranges::find(known, given.name) == known.end())
            throw InputError(fmt::format("policy '{}' has no parameter '{}'{}; it has: {}", description.name,
                                         given.name, suggestion(given.name, known),
                                         known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", "))),
                             given.where);
        if (std::ranges::count(scheduler.parameters, given.name, &PolicyParameter::name) > 1)
            throw InputError(fmt::format("parameter '{}' is given twice", given.name), given.where);
    }
}

PolicyParameter parameter(const Scheduler& scheduler, const PolicyParameterDescription& description) {
    const auto given = std::ranges::find(scheduler.parameters, description.name, &PolicyParameter::name);
    if (given != scheduler.parameters.end()) return *given;
    if (description.default_value.empty())
        throw InputError(
            fmt::format("policy '{}' needs '{}': {}", scheduler.policy, description.name, description.about),
            scheduler.where);
    return {std::string(description.name), std::string(description.default_value), scheduler.where};
}

std::unique_ptr<Policy> make_policy(const Scheduler& scheduler) {
    const PolicyDescription& description = policy_named(scheduler);
    check_parameters(scheduler, description);
    return description.make(scheduler);
}

} // namespace switchyard::sim
