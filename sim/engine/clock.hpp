// The clock of one simulation: where virtual time stands. It jumps from event to event and never runs backwards.
#pragma once

#include "models/units/time.hpp"

#include <stdexcept>

namespace switchyard::sim {

// Thrown when something is to happen before the present instant: an error of the model, not of its input.
struct ScheduledInPast : std::logic_error {
    using std::logic_error::logic_error;
};

namespace detail {
// Out of line of the fast path; throws ScheduledInPast.
[[noreturn]] void throw_scheduled_in_past(Time now, Time at);
} // namespace detail

class Clock {
public:
    [[nodiscard]] Time now() const { return now_; }

    // Throws ScheduledInPast unless `at` is now or later.
    void require_not_past(Time at) const {
        if (at < now_) [[unlikely]]
            detail::throw_scheduled_in_past(now_, at);
    }

    // Moves to `at`; throws ScheduledInPast when that is earlier than now.
    void advance_to(Time at) {
        require_not_past(at);
        now_ = at;
    }

private:
    Time now_{};
};

} // namespace switchyard::sim
