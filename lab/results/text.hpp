// Values of results as people read them, and as other programs do.
#pragma once

#include "lab/results/database.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace switchyard::lab {

// A number to four digits in its unit: "21.9 ms", "64 KiB", "12.5 %", "1234"; times and sizes that are whole numbers of
// a unit without zeros at the end ("10 ms").
[[nodiscard]] std::string number_text(double value, ValueUnit unit);

// Likewise; a word as it is; "-" for what is not known.
[[nodiscard]] std::string value_text(const ResultValue& value, ValueUnit unit);

// "21.9 ms ± 0.3 ms": a mean and half of its interval, if there is one, in the mean's unit.
[[nodiscard]] std::string mean_text(double mean, std::optional<double> half, ValueUnit unit);

// How numbers of a unit are shown that are as large as `magnitude`: "us", 1e-6.
struct UnitScale {
    std::string name; // "ms", "KiB", "%"; empty: none
    double size = 1;  // in base units
};
[[nodiscard]] UnitScale scale_of(ValueUnit unit, double magnitude);

// The shortest text that reads back as the same number: "0.001", "5".
[[nodiscard]] std::string exact_number(double value);

} // namespace switchyard::lab
