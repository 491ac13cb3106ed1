#include "sim/engine/clock.hpp"

#include <string>

namespace switchyard::sim {

void detail::throw_scheduled_in_past(Time now, Time at) {
    const auto picoseconds = [](Time instant) { return std::to_string(instant.time_since_epoch().count()) + " ps"; };
    throw ScheduledInPast("cannot schedule at " + picoseconds(at) + ": it is already " + picoseconds(now));
}

} // namespace switchyard::sim
