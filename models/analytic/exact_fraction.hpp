// Sums of execution/period without rounding. Periods in picoseconds have common multiples far beyond 128 bits, and a
// set that needs its core to the last cycle must not be told that it needs more. Included by the .cpp files here only:
// Boost.Multiprecision takes seconds to compile.
#pragma once

#include "models/analytic/periodic_task.hpp"

#include <boost/multiprecision/cpp_int.hpp>
#include <span>

namespace switchyard {

using BigInteger = boost::multiprecision::cpp_int;

// A fraction that is not reduced; the denominator is above 0.
struct ExactFraction {
    BigInteger numerator = 0;
    BigInteger denominator = 1;
};

// The sum of C/T over the hyperperiod: the denominator is the least common multiple of all periods.
[[nodiscard]] ExactFraction exact_utilisation(std::span<const PeriodicTask> tasks);

} // namespace switchyard
