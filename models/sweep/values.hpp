// The values of a parameter: read from what somebody wrote, spaced out over a range, or at a place in it.
#pragma once

#include "models/sweep/sweep.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace switchyard {

// A text and, where it is one, its number in the base unit: "1ms" (seconds), "64KiB" (bytes), "10%", "0.5",
// "event-loop".
struct UnitNumber {
    ParameterUnit unit = ParameterUnit::none;
    std::optional<double> number;
};
[[nodiscard]] UnitNumber read_unit_number(std::string_view text);

// The unit that all values have: they get their numbers in it. Where they have no unit in common they are words, and
// none has a number. (A plain number among shares is a share.)
[[nodiscard]] ParameterUnit settle_units(std::vector<SweepValue>& values);

// A number as it is written in a scenario: "162.4us", "64KiB", "16".
[[nodiscard]] SweepValue value_of(double number, ParameterUnit unit, bool whole);

// So many values from `low` to `high`, both of them included: in equal steps or, logarithmic, in equal ratios. Those in
// between are rounded to four significant digits; whole ones that come twice are there once. Precondition: points > 0.
[[nodiscard]] std::vector<SweepValue> spaced_values(const ParameterRange& range, ParameterUnit unit,
                                                    std::uint64_t points);

// `low`, `low + step`, ..., none beyond `high`. Precondition: step > 0.
[[nodiscard]] std::vector<SweepValue> stepped_values(const ParameterRange& range, ParameterUnit unit, double step);

// What a parameter is at a position in [0, 1) of a drawn design: over its range, to six significant digits, or one of
// its values, each over as much of the way.
[[nodiscard]] SweepValue value_at(const SweepParameter& parameter, double position);

} // namespace switchyard
