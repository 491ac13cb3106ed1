#include "models/machine/profile.hpp"

#include <chrono>

namespace switchyard {

static bool is_time(Cost cost) { return describe(cost).unit == CostUnit::picoseconds; }

static Law by_definition(Duration value) {
    Law law = Law::constant(value);
    law.origin.probe = "definition";
    return law;
}

CostProfile free_profile() {
    CostProfile profile;
    profile.name = "free";
    profile.origin.tool = "definition";
    for (int i = 0; i < costs; ++i)
        if (const auto cost = static_cast<Cost>(i); is_time(cost)) profile[cost] = by_definition(Duration{0});
    return profile;
}

CostProfile textbook_profile() {
    using namespace std::chrono_literals;
    CostProfile profile = free_profile();
    profile.name = "textbook";
    for (const Cost cost : {Cost::switch_context, Cost::switch_coroutine, Cost::switch_fiber})
        profile[cost] = by_definition(100ms);
    return profile;
}

namespace {
struct BuiltIn {
    std::string_view name;
    CostProfile (*make)();
};
constexpr BuiltIn built_in[] = {
    {"textbook", textbook_profile},
    {"reference", reference_profile},
    {"free", free_profile},
};
} // namespace

std::vector<std::string_view> built_in_profiles() {
    std::vector<std::string_view> names;
    for (const BuiltIn& profile : built_in) names.push_back(profile.name);
    return names;
}

std::optional<CostProfile> built_in_profile(std::string_view name) {
    for (const BuiltIn& profile : built_in)
        if (profile.name == name) return profile.make();
    return std::nullopt;
}

} // namespace switchyard
