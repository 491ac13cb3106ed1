// The fair server: since Linux 6.12 each core has a reservation of 50 ms a second for its fair tasks, so that real-time
// tasks cannot starve them (kernel/sched/deadline.c, dl_server; fair_server in kernel/sched/sched.h). It is deferred: it
// competes only when its runtime would otherwise not be had in time any more (at its zero laxity), and what fair tasks
// get without it counts as its runtime. Once it has had to compete it goes on doing so, period after period, until fair
// tasks have had a runtime by themselves. As in 6.12 it stops whenever no fair task is ready.
//
// While nobody else is on the core nothing depends on it, and no timer is set: what it would have done meanwhile is
// worked out when somebody comes.
#pragma once

#include "sim/sched/linux/reservation.hpp"

namespace switchyard::sim {

class FairServer {
public:
    FairServer(Duration runtime, Duration period, Duration tick);

    // Fair tasks are ready from now on; no longer. `idle_since`: what the core has been; `never`: busy. An idle core's
    // time counts as if fair tasks had had it.
    void start(Time now, Time idle_since);
    void stop();

    // Fair tasks had the core from one instant until the other. With `contended` the exhaustion of a competing server is
    // left for `exhaust`; without, nobody would have noticed it.
    void ran(Time from, Time until, bool contended);

    // The runtime is used up while it competes: it no longer does.
    void exhaust(Time now);

    // The instant at which it has something to do while it does not compete; `never`: none.
    [[nodiscard]] Time wants_timer(Time now) const;
    // That has come, if it still is.
    void timer(Time now);

    [[nodiscard]] bool competes() const { return competes_; }
    [[nodiscard]] Time due() const { return budget_.due; }
    [[nodiscard]] Duration left() const { return budget_.left; }

private:
    void begin(Time now);
    [[nodiscard]] Time noticed(Time at) const;

    Reservation budget_;
    Duration tick_;               // 0: time is noticed exactly
    bool has_tasks_ = false;      // dl_server_active
    bool competes_ = false;       // it is in the deadline class's order
    bool is_armed_ = false;       // deferred until its zero laxity (dl_defer_armed)
    bool is_needed_ = false;      // it had to compete, and has not been seen to be needless since (dl_defer_running)
};

} // namespace switchyard::sim
