#include "lab/sweep/schedule.hpp"

#include "models/errors.hpp"

#include <boost/math/distributions/students_t.hpp>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace switchyard::lab {

ShardPart shard_part_from(std::string_view text) {
    ShardPart part;
    const char* const end = text.data() + text.size();
    const auto [slash, error] = std::from_chars(text.data(), end, part.index);
    if (error == std::errc{} && slash != end && *slash == '/') {
        const auto [rest, other_error] = std::from_chars(slash + 1, end, part.count);
        if (other_error == std::errc{} && rest == end && part.index >= 1 && part.index <= part.count) {
            --part.index;
            return part;
        }
    }
    throw InputError(fmt::format("'{}' is no shard: it is written as 1/8 to 8/8, where there are eight", text));
}

// How far the parts are rotated in a block of units: SplitMix64's finalizer (Steele, Lea and Flood 2014), an even
// spread that is the same everywhere.
static std::uint64_t rotation(std::uint64_t block) {
    std::uint64_t mixed = (block + 1) * 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
}

Schedule::Schedule(std::uint64_t cells, const Replications& replications, ShardPart part)
    : part_(part),
      rule_(replications.until),
      units_of_cell_(rule_ ? 1 : replications.at_most),
      certain_(rule_ ? replications.at_least : 1),
      most_(rule_ ? replications.at_most : 1) {
    const std::uint64_t all = cells * units_of_cell_;
    units_ = all / part_.count;
    if (all % part_.count != 0 && unit_of_sweep(units_) < all) ++units_;
}

std::uint64_t Schedule::unit_of_sweep(std::uint64_t unit) const {
    return unit * part_.count + (part_.index + rotation(unit) % part_.count) % part_.count;
}

PointIndex Schedule::first_point(std::uint64_t unit) const {
    const std::uint64_t number = unit_of_sweep(unit);
    return {number / units_of_cell_, static_cast<std::uint32_t>(number % units_of_cell_)};
}

bool is_precise_enough(const StoppingRule& rule, std::span<const double> values) {
    double count = 0, mean = 0, squares = 0; // Welford 1962
    for (const double value : values) {
        if (!std::isfinite(value)) continue;
        count += 1;
        const double difference = value - mean;
        mean += difference / count;
        squares += difference * (value - mean);
    }
    if (count < 2) return false;
    if (squares == 0) return true;
    const double quantile = boost::math::quantile(boost::math::students_t(count - 1), 0.5 + rule.confidence / 2);
    return quantile * std::sqrt(squares / (count - 1) / count) <= rule.within * std::abs(mean);
}

} // namespace switchyard::lab
