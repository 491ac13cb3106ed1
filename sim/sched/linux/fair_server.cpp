#include "sim/sched/linux/fair_server.hpp"

#include <algorithm>

namespace switchyard::sim {

// A timer is not put off by less than this (dl_server_min_res).
static constexpr Duration least_deferral = std::chrono::milliseconds{1};

FairServer::FairServer(Duration runtime, Duration period, Duration tick)
    : budget_{.runtime = runtime, .deadline = period, .period = period}, tick_(tick) {}

// replenish_dl_new_period.
void FairServer::begin(Time now) {
    begin_period(budget_, now);
    is_armed_ = !is_needed_;
}

// dl_server_start, with update_dl_entity.
void FairServer::start(Time now, Time idle_since) {
    if (has_tasks_) return;
    has_tasks_ = true;
    if (idle_since < now && budget_.left >= Duration::zero()) { // dl_server_update_idle_time
        budget_.left -= now - idle_since;
        if (budget_.left < Duration::zero()) {
            budget_.left = {};
            is_needed_ = false;
        }
    }
    if (!budget_.begun || budget_.due < now || overflows(budget_, now))
        begin(now);
    else
        is_armed_ = !is_needed_;
    competes_ = !is_armed_;
}

// dl_server_stop.
void FairServer::stop() {
    has_tasks_ = competes_ = is_armed_ = false;
}

Time FairServer::noticed(Time at) const {
    if (tick_ == Duration::zero()) return at;
    return Time{tick_ * ((at.time_since_epoch() + tick_ - Duration{1}) / tick_)};
}

// update_curr_dl_se.
void FairServer::ran(Time from, Time until, bool contended) {
    if (!has_tasks_ || until <= from) return;
    const Time used_up = checked_add(from, std::max(budget_.left, Duration::zero()));
    if (until < used_up || (competes_ && contended)) {
        budget_.left -= until - from;
        return;
    }
    // Used up without anybody having been in the way: it is not needed, and another period begins. So it goes on for as
    // long as fair tasks run, noticed at ticks.
    competes_ = is_needed_ = false;
    const Time first = std::min(noticed(used_up), until);
    const Duration round = noticed(first + budget_.runtime) - first;
    const Time last = first + round * ((until - first) / round);
    begin(last);
    budget_.left -= until - last;
}

void FairServer::exhaust(Time now) {
    competes_ = is_armed_ = false;
    if (next_period(budget_) > now) return;
    replenish(budget_, now);
    competes_ = true;
}

// start_dl_timer.
Time FairServer::wants_timer(Time now) const {
    if (!has_tasks_ || competes_) return never;
    return std::max(now, is_armed_ ? budget_.due - std::max(budget_.left, Duration::zero()) : next_period(budget_));
}

// dl_server_timer, with replenish_dl_entity.
void FairServer::timer(Time now) {
    if (!has_tasks_ || competes_) return;
    if (is_armed_) {
        if (now < budget_.due - budget_.left - least_deferral) return; // put off: it has had some of its runtime
        is_needed_ = true;
        is_armed_ = false;
        if (overflows(budget_, now)) begin_period(budget_, now);
        replenish(budget_, now);
        competes_ = true;
        return;
    }
    if (now < next_period(budget_)) return;
    replenish(budget_, now);
    if (!is_needed_ && now < budget_.due - budget_.left)
        is_armed_ = true;
    else
        competes_ = true;
}

} // namespace switchyard::sim
