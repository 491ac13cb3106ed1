// A reservation of processor time: `runtime` in every `period`, to be had within `deadline` of its begin. The constant
// bandwidth server of Abeni and Buttazzo (Integrating Multimedia Applications in Hard Real-Time Systems, 1998), whose
// rules keep who overruns from hurting others; functions bear what kernel/sched/deadline.c calls them.
#pragma once

#include "models/units/time.hpp"

namespace switchyard::sim {

struct Reservation {
    Duration runtime{}; // what is granted (struct sched_dl_entity: dl_runtime, dl_deadline, dl_period)
    Duration deadline{};
    Duration period{};
    Duration left{};        // of the runtime; negative where it was overrun before anybody noticed
    Time due{};             // the absolute deadline, by which it is ordered
    bool begun = false;     // `due` says something
    bool throttled = false; // used up: waits for its replenishment
    bool yielded = false;   // given up until the next period

    [[nodiscard]] bool is_constrained() const { return deadline != period; }
};

// Whether what is left cannot be used until `due` without exceeding the bandwidth: left / (due - now) >
// runtime / deadline (dl_entity_overflow). Compared as products.
[[nodiscard]] bool overflows(const Reservation& reservation, Time now);

// A full runtime from now on (replenish_dl_new_period).
void begin_period(Reservation& reservation, Time now);

// It is wanted again: what is left may be used if that does no harm, otherwise a period begins (update_dl_entity). A
// deadline shorter than the period gets the part of its runtime that the time until then is worth instead
// (update_dl_revised_wakeup).
void wake(Reservation& reservation, Time now);

// Its period is over: as many runtimes and periods as it takes to have something left (replenish_dl_entity).
void replenish(Reservation& reservation, Time now);

// When it is replenished if nothing is left (dl_next_period).
[[nodiscard]] Time next_period(const Reservation& reservation);

} // namespace switchyard::sim
