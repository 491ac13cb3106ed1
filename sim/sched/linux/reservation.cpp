#include "sim/sched/linux/reservation.hpp"

#include "models/units/wide_integer.hpp"

namespace switchyard::sim {

bool overflows(const Reservation& reservation, Time now) {
    const WideInteger wanted = WideInteger{reservation.left.count()} * reservation.deadline.count();
    const WideInteger worth = WideInteger{(reservation.due - now).count()} * reservation.runtime.count();
    return wanted > worth;
}

void begin_period(Reservation& reservation, Time now) {
    reservation.begun = true;
    reservation.due = checked_add(now, reservation.deadline);
    reservation.left = reservation.runtime;
}

void wake(Reservation& reservation, Time now) {
    if (!reservation.begun || reservation.due < now) return begin_period(reservation, now);
    if (!overflows(reservation, now)) return;
    if (!reservation.is_constrained()) return begin_period(reservation, now);
    const WideInteger laxity{(reservation.due - now).count()};
    reservation.left = Duration{
        static_cast<std::int64_t>(laxity * reservation.runtime.count() / reservation.deadline.count())};
}

void replenish(Reservation& reservation, Time now) {
    if (reservation.yielded && reservation.left > Duration::zero()) reservation.left = {};
    if (reservation.left <= Duration::zero()) {
        const std::int64_t periods = -reservation.left / reservation.runtime + 1;
        reservation.due = checked_add(reservation.due, checked_multiply(reservation.period, periods));
        reservation.left += reservation.runtime * periods;
    }
    if (reservation.due < now) begin_period(reservation, now);
    reservation.yielded = false;
    reservation.throttled = false;
}

Time next_period(const Reservation& reservation) {
    return checked_add(reservation.due - reservation.deadline, reservation.period);
}

} // namespace switchyard::sim
