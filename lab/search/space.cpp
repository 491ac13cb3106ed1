#include "lab/search/space.hpp"

#include "models/errors.hpp"
#include "models/sweep/values.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace switchyard::lab {

namespace {

constexpr std::uint64_t fewest_of_combination = 8; // evaluations, to be worth a search of its own

void check(const Sweep& sweep) {
    if (sweep.parameters.empty())
        throw InputError("there is nothing to choose: the sweep has no parameters", {sweep.file, 0, 0});
    if (sweep.design == SweepDesign::paired)
        throw InputError("design 'paired' leaves nothing to search: compute its cells (switchyard sweep) and optimize "
                         "the database",
                         {sweep.file, 0, 0});
    for (const SweepParameter& parameter : sweep.parameters)
        if (parameter.target == ParameterTarget::seed)
            throw InputError("the best seed is chance: leave the seeds away and say 'replications'", parameter.where);
}

SearchedParameter searched_range(std::size_t index, const SweepParameter& parameter) {
    const ParameterRange& range = *parameter.range;
    SearchedParameter searched{index, range.whole && parameter.unit == ParameterUnit::none, 0};
    constexpr double most_steps = 1e6; // value_at divides no finer
    if (searched.is_whole && !range.logarithmic && range.high - range.low <= most_steps)
        searched.steps = static_cast<std::uint64_t>(range.high - range.low) + 1;
    return searched;
}

bool has_order(const SweepParameter& parameter) {
    return parameter.values.size() > 1 &&
           std::ranges::all_of(parameter.values, [](const SweepValue& value) { return value.number.has_value(); });
}

std::uint64_t product(const std::vector<std::uint64_t>& sizes) {
    constexpr std::uint64_t most = std::uint64_t{1} << 62U;
    std::uint64_t result = 1;
    for (const std::uint64_t size : sizes)
        if (size > 0 && __builtin_mul_overflow(result, size, &result)) return most;
    return result;
}

double middle(std::uint64_t index, std::uint64_t size) {
    return (static_cast<double>(index) + 0.5) / static_cast<double>(size);
}

} // namespace

SearchSpace::SearchSpace(const Sweep& sweep, std::uint64_t evaluations) : sweep_(&sweep) {
    check(sweep);
    for (std::size_t i = 0; i < sweep.parameters.size(); ++i) {
        const SweepParameter& parameter = sweep.parameters[i];
        sizes_.push_back(parameter.range ? 0 : parameter.values.size());
        if (parameter.range) searched_.push_back(searched_range(i, parameter));
    }
    const auto fits = [&] {
        if (const std::optional<std::uint64_t> all = cells(); all && *all <= evaluations) return true;
        return product(sizes_) <= evaluations / (searched_.empty() ? 1 : fewest_of_combination);
    };
    while (!fits()) {
        std::optional<std::size_t> longest;
        for (std::size_t i = 0; i < sizes_.size(); ++i)
            if (sizes_[i] > 0 && has_order(sweep.parameters[i]) && (!longest || sizes_[i] > sizes_[*longest]))
                longest = i;
        if (!longest) break;
        searched_.push_back({*longest, true, sizes_[*longest]});
        sizes_[*longest] = 0;
    }
    std::ranges::sort(searched_, {}, &SearchedParameter::index);
    combinations_ = product(sizes_);
    if (combinations_ > evaluations)
        throw InputError(fmt::format("there are {} combinations of values that have no order: allow as many "
                                     "evaluations at least (--evaluations {})",
                                     combinations_, combinations_),
                         {sweep.file, 0, 0});
}

std::optional<std::uint64_t> SearchSpace::cells() const {
    std::uint64_t count = product(sizes_);
    for (const SearchedParameter& one : searched_)
        if (one.steps == 0 || __builtin_mul_overflow(count, one.steps, &count)) return std::nullopt;
    return count;
}

CellPosition SearchSpace::cell(std::uint64_t combination, const Place& place) const {
    CellPosition position(sizes_.size());
    for (std::size_t i = sizes_.size(); i-- > 0;) {
        if (sizes_[i] == 0) continue;
        position[i] = middle(combination % sizes_[i], sizes_[i]);
        combination /= sizes_[i];
    }
    for (std::size_t i = 0; i < searched_.size(); ++i) position[searched_[i].index] = place[i];
    return position;
}

CellPosition SearchSpace::cell(std::uint64_t number) const {
    Place place(searched_.size());
    for (std::size_t i = searched_.size(); i-- > 0;) {
        place[i] = middle(number % searched_[i].steps, searched_[i].steps);
        number /= searched_[i].steps;
    }
    return cell(number, place);
}

SearchSpace::Move SearchSpace::moved(Place place, std::size_t at, double way) const {
    const SearchedParameter& searched = searched_[at];
    if (!searched.is_whole) return {std::move(place), true};
    double& position = place[at];
    if (searched.steps > 0) {
        const auto steps = static_cast<double>(searched.steps);
        const double now = std::min(std::floor(position * steps), steps - 1);
        const double by = std::max(1.0, std::floor(std::abs(way) * steps));
        position = (std::clamp(now + std::copysign(by, way), 0.0, steps - 1) + 0.5) / steps;
        return {std::move(place), by <= 1};
    }
    const SweepParameter& parameter = sweep_->parameters[searched.index];
    const ParameterRange& range = *parameter.range;
    const double now = *value_at(parameter, position).number;
    const double there = *value_at(parameter, std::clamp(position + way, 0.0, 1.0)).number;
    const bool is_neighbour = std::abs(there - now) <= 1;
    const double number = std::clamp(is_neighbour ? now + std::copysign(1.0, way) : there, range.low, range.high);
    position = range.logarithmic ? std::log(number / range.low) / std::log(range.high / range.low)
                                 : (number - range.low) / (range.high - range.low);
    return {std::move(place), is_neighbour};
}

} // namespace switchyard::lab
