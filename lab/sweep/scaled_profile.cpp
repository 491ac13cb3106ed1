#include "lab/sweep/scaled_profile.hpp"

namespace switchyard::lab {

std::vector<Cost> costs_matching(std::string_view pattern) {
    std::vector<Cost> matching;
    const bool is_family = pattern.ends_with(".*");
    const std::string_view beginning = pattern.substr(0, pattern.size() - (is_family ? 1 : 0));
    for (int i = 0; i < costs; ++i) {
        const auto cost = static_cast<Cost>(i);
        const std::string_view name = describe(cost).name;
        if (is_family ? name.starts_with(beginning) : name == pattern) matching.push_back(cost);
    }
    return matching;
}

Law scaled(const Law& law, double factor) {
    const auto times = [&](std::int64_t figure) { return to_fixed_point(from_fixed_point(figure) * factor); };
    Law result = law;
    result.base = times(law.base);
    for (Law::Term& term : result.terms) term.coefficient = times(term.coefficient);
    for (Law::Point& point : result.points) point.value = times(point.value);
    if (law.interval) result.interval = Interval{law.interval->low * factor, law.interval->high * factor};
    return result;
}

CostProfile without_origins(CostProfile profile) {
    profile.origin = {};
    profile.warnings.clear();
    for (std::optional<Law>& law : profile.law)
        if (law) law->origin = {};
    for (KernelParameter& parameter : profile.kernel) parameter.from.clear();
    return profile;
}

} // namespace switchyard::lab
