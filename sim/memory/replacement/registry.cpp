#include "sim/memory/replacement/registry.hpp"

#include "models/errors.hpp"
#include "models/units/text.hpp"
#include "sim/memory/replacement/make_policy.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace switchyard::sim::replacement {

std::span<const PolicyDescription> policies() {
    static const std::array all{
        fifo_description(),
        least_recently_used_description(),
        most_recently_used_description(),
        random_description(),
        PolicyDescription{.name = "opt",
                          .about = "the page needed again furthest in the future goes: no policy misses less often",
                          .source = "Belady 1966",
                          .is_stack_algorithm = true},
        clock_description(),
        sieve_description(),
        s3_fifo_description(),
        least_frequently_used_description(),
        two_queues_description(),
        adaptive_description(),
        low_inter_reference_recency_description(),
        not_recently_used_description(),
        ageing_description(),
        working_set_description(),
        working_set_clock_description(),
        linux_lists_description(),
        generations_description(),
    };
    return all;
}

static const PolicyDescription& policy_named(std::string_view name) {
    std::vector<std::string_view> names;
    for (const PolicyDescription& description : policies()) {
        if (description.name == name) return description;
        names.push_back(description.name);
    }
    throw InputError(fmt::format("unknown replacement policy '{}'{}; there are: {}", name, suggestion(name, names),
                                 fmt::join(names, ", ")));
}

PolicyChoice parse_policy(std::string_view text) {
    const std::size_t name_end = std::min(text.find(':'), text.size());
    PolicyChoice choice{std::string(text), &policy_named(text.substr(0, name_end)), {}};
    for (std::size_t begin = name_end; begin < text.size();) {
        const std::size_t end = std::min(text.find(':', begin + 1), text.size());
        const std::string_view part = text.substr(begin + 1, end - begin - 1);
        const std::size_t equals = std::min(part.find('='), part.size());
        const std::string_view name = part.substr(0, equals);
        std::vector<std::string_view> names;
        for (const ParameterDescription& parameter : choice.description->parameters) names.push_back(parameter.name);
        if (std::ranges::find(names, name) == names.end())
            throw InputError(
                names.empty() ? fmt::format("policy {} has no parameters: '{}'", choice.description->name, text)
                              : fmt::format("policy {} has no parameter '{}'{}; it has: {}", choice.description->name,
                                            name, suggestion(name, names), fmt::join(names, ", ")));
        if (equals == part.size())
            throw InputError(
                fmt::format("parameter {} of policy {} has no value: '{}'", name, choice.description->name, text));
        if (std::ranges::find(choice.parameters, name, &Parameter::name) != choice.parameters.end())
            throw InputError(fmt::format("parameter {} is given twice: '{}'", name, text));
        choice.parameters.push_back({std::string(name), std::string(part.substr(equals + 1))});
        begin = end;
    }
    return choice;
}

} // namespace switchyard::sim::replacement
