#include "cli/profile_names.hpp"

#include "cli/inputs.hpp"
#include "models/errors.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace switchyard::cli {

CostProfile profile_named(const std::string& name) { return choose_profile(name, Scenario{}); }

[[noreturn]] static void throw_unknown(const std::string& name) {
    std::vector<std::string_view> names;
    for (int i = 0; i < costs; ++i) names.push_back(describe(static_cast<Cost>(i)).name);
    throw InputError(fmt::format("there is no law '{}'{}; 'switchyard profile show reference' lists them", name,
                                 suggestion(name, names)));
}

Cost law_named(const std::string& name) {
    const std::optional<Cost> cost = cost_named(name);
    if (!cost) throw_unknown(name);
    return *cost;
}

std::vector<Cost> laws_named(std::span<const std::string> beginnings) {
    const auto begins = [](Cost cost, const std::string& beginning) {
        return describe(cost).name.starts_with(beginning);
    };
    std::vector<Cost> all;
    for (int i = 0; i < costs; ++i) all.push_back(static_cast<Cost>(i));
    if (beginnings.empty()) return all;
    for (const std::string& beginning : beginnings)
        if (std::ranges::none_of(all, [&](Cost cost) { return begins(cost, beginning); })) throw_unknown(beginning);
    std::erase_if(all, [&](Cost cost) {
        return std::ranges::none_of(beginnings, [&](const std::string& beginning) { return begins(cost, beginning); });
    });
    return all;
}

} // namespace switchyard::cli
