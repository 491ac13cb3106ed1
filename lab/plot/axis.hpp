// An axis of a picture of results: its range, whether it is logarithmic, and marks people can read.
#pragma once

#include "lab/results/database.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace switchyard::lab {

struct AxisMark {
    double at = 0; // in base units
    std::string text;
};

struct Axis {
    std::string label; // "slice (ms)"; the unit is with the marks where it changes along the axis
    double low = 0;    // in base units, as everything that is drawn
    double high = 1;
    bool logarithmic = false;
    std::vector<AxisMark> marks;
    std::vector<ResultValue> categories; // of words: what stands at 0, 1, 2...; empty where there are numbers
    ValueUnit unit = ValueUnit::none;

    // Where a value stands; absent where it has no place.
    [[nodiscard]] std::optional<double> place(const ResultValue& value) const;
};

enum class AxisKind : std::uint8_t { automatic, linear, logarithmic, categories };

// Whether numbers, each once and ascending, are rather spaced in proportion than in equal steps: more than a factor of
// 8 from the first to the last, and steps that differ less as ratios than as differences.
[[nodiscard]] bool is_spaced_logarithmically(std::span<const double> values);

// The axis of a parameter's values, each once: logarithmic where they were spaced so, categories where there are words.
// Throws InputError for a logarithmic axis of what is not all above 0, and for no values.
[[nodiscard]] Axis parameter_axis(const ResultColumn& column, std::vector<ResultValue> values,
                                  AxisKind kind = AxisKind::automatic);

// The axis of figures found: logarithmic where all are above 0 and span more than a factor of 50; from 0 on where they
// come near to it.
[[nodiscard]] Axis figure_axis(const ResultColumn& column, std::span<const double> values,
                               AxisKind kind = AxisKind::automatic);

// What gnuplot is told of it: name is "x", "y" or "cb".
[[nodiscard]] std::string axis_script(const Axis& axis, std::string_view name);

} // namespace switchyard::lab
