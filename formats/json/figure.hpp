// The figures of laws in decimals: nanoseconds for times, bytes for sizes.
#pragma once

#include "models/machine/cost.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace switchyard::formats {

// How figures of that unit are called in files: "ns" or "bytes".
[[nodiscard]] std::string_view unit_name(CostUnit unit);

// A law's fixed-point figure (2^-16 of a picosecond or a byte) as the shortest decimal in the file's unit that
// `fixed_point_of` takes back to it. There is one for every figure up to 10^15 steps of its last decimal, that is for
// all times below 10 ms and beyond that for all whole picoseconds; what is finer still is rounded to what a double
// holds.
[[nodiscard]] double decimal_of(std::int64_t fixed_point, CostUnit unit);

// The figure nearest to the decimal, or nothing where it is out of range. The decimal is read as the shortest one that
// means this double, so that 0.1 is a tenth and not 0.1000000000000000055.
[[nodiscard]] std::optional<std::int64_t> fixed_point_of(double decimal, CostUnit unit);

// Plain numbers in picoseconds or bytes to and from the file's unit; exact for up to 15 significant digits.
[[nodiscard]] double to_file_unit(double value, CostUnit unit);
[[nodiscard]] double from_file_unit(double value, CostUnit unit);

} // namespace switchyard::formats
