#include "lab/compare/profile_difference.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace switchyard::lab {

std::optional<double> FigureDifference::ratio() const {
    if (left <= 0) return std::nullopt;
    return right / left;
}

std::optional<bool> FigureDifference::beyond_intervals() const {
    if (!left_interval || !right_interval) return std::nullopt;
    return left_interval->high < right_interval->low || right_interval->high < left_interval->low;
}

namespace {

double value_at(const Law& law, std::int64_t amount) {
    return static_cast<double>(evaluate(law, Amounts(law.over, amount)));
}

// What the rounds say of a table's value at an amount: at its last point the law's own interval, elsewhere its point's.
std::optional<Interval> interval_at(const Law& law, std::int64_t amount) {
    if (amount == law.points.back().at && law.interval) return law.interval;
    for (const MeasuredPoint& point : law.origin.points)
        if (point.at == amount && !point.held_out && point.probe == law.origin.probe) return point.interval;
    return std::nullopt;
}

bool has_point(const Law& law, std::int64_t amount) {
    return std::ranges::find(law.points, amount, &Law::Point::at) != law.points.end();
}

void compare_tables(Cost cost, const Law& left, const Law& right, std::vector<FigureDifference>& figures) {
    std::vector<std::int64_t> common;
    for (const Law::Point& point : left.points)
        if (has_point(right, point.at) && point.value > 0) common.push_back(point.at);
    if (common.empty()) common = {std::min(left.points.back().at, right.points.back().at)};
    std::vector<std::int64_t> amounts{common.front()};
    if (common.size() > 1) amounts.push_back(common.back());
    for (const std::int64_t amount : amounts)
        figures.push_back({cost, fmt::format("at {} {}", amount, name_of(left.over)), value_at(left, amount),
                           value_at(right, amount), interval_at(left, amount), interval_at(right, amount)});
}

std::int64_t coefficient_of(const Law& law, Quantity quantity) {
    for (const Law::Term& term : law.terms)
        if (term.quantity == quantity) return term.coefficient;
    return 0;
}

void compare_laws(Cost cost, const Law& left, const Law& right, std::vector<FigureDifference>& figures) {
    const auto is_table = [](const Law& law) { return law.kind == Law::Kind::table; };
    if (is_table(left) && is_table(right) && left.over == right.over) return compare_tables(cost, left, right, figures);
    const auto base = [](const Law& law) { return static_cast<double>(evaluate(law)); };
    figures.push_back({cost, "", base(left), base(right), is_table(left) ? std::nullopt : left.interval,
                       is_table(right) ? std::nullopt : right.interval});
    for (int i = 0; i < quantities; ++i) {
        const auto quantity = static_cast<Quantity>(i);
        const std::int64_t on_left = coefficient_of(left, quantity), on_right = coefficient_of(right, quantity);
        if (on_left == 0 && on_right == 0) continue;
        figures.push_back({cost, fmt::format("per {}", name_of(quantity)), from_fixed_point(on_left),
                           from_fixed_point(on_right), std::nullopt, std::nullopt});
    }
}

void compare_words(std::vector<ParameterDifference>& differences, std::string name, std::string left,
                   std::string right) {
    if (left != right) differences.push_back({std::move(name), std::move(left), std::move(right)});
}

std::string value_of(const KernelParameters& parameters, const std::string& name) {
    const KernelParameter* const found = find_parameter(parameters, name);
    return found == nullptr ? "" : found->value;
}

} // namespace

ProfileDifference difference_of(const CostProfile& left, const CostProfile& right, std::span<const Cost> of) {
    ProfileDifference difference;
    for (const Cost cost : of) {
        if (left[cost] && right[cost])
            compare_laws(cost, *left[cost], *right[cost], difference.figures);
        else if (left[cost])
            difference.only_left.push_back(cost);
        else if (right[cost])
            difference.only_right.push_back(cost);
    }
    compare_words(difference.machine, "processor", left.origin.cpu, right.origin.cpu);
    compare_words(difference.machine, "kernel", left.origin.kernel, right.origin.kernel);
    compare_words(difference.machine, "processors", std::to_string(left.origin.cpus),
                  std::to_string(right.origin.cpus));
    compare_words(difference.machine, "ticks a second", std::to_string(left.hz), std::to_string(right.hz));
    if (left.iteration_picoseconds > 0 && right.iteration_picoseconds > 0)
        difference.speed = left.iteration_picoseconds / right.iteration_picoseconds;
    if (left.kernel.empty() || right.kernel.empty()) return difference;
    for (const KernelParameter& parameter : left.kernel)
        compare_words(difference.kernel, parameter.name, parameter.value, value_of(right.kernel, parameter.name));
    for (const KernelParameter& parameter : right.kernel)
        if (find_parameter(left.kernel, parameter.name) == nullptr)
            compare_words(difference.kernel, parameter.name, "", parameter.value);
    return difference;
}

} // namespace switchyard::lab
