#include "models/units/time.hpp"

#include <cmath>
#include <string>

namespace switchyard {

void detail::throw_time_overflow(const char* what) {
    throw TimeOverflow(std::string("virtual time overflows its range of 106 days while ") + what);
}

Duration from_seconds(double value) {
    const double picoseconds = std::round(value * 1e12);
    if (!(std::abs(picoseconds) < 9.2e18)) detail::throw_time_overflow("converting a number of seconds");
    return Duration{static_cast<std::int64_t>(picoseconds)};
}

} // namespace switchyard
