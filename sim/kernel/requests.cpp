#include "sim/kernel/requests.hpp"

#include "sim/kernel/diagnosis.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace switchyard::sim {

// How many were in flight since it was last asked, times how long that is.
static void account(Requests& all, Time now) {
    all.time_in_flight += WideInteger{all.in_flight} * (now - std::exchange(all.accounted, now)).count();
}

Step begin_request(const Execution& e) {
    if (!e.kernel.requests) e.kernel.requests = std::make_shared<Requests>();
    Requests& all = *e.kernel.requests;
    Task& task = e.task();
    task.request = static_cast<RequestId>(all.arrivals.size());
    const Time arrival = task.in_job != nothing ? task.release : e.kernel.now();
    all.arrivals.push_back(arrival);
    all.first_arrival = std::min(all.first_arrival, arrival);
    ++all.report.begun;
    account(all, e.kernel.now());
    all.time_in_flight += (e.kernel.now() - arrival).count(); // it is one since it arrived
    all.report.in_flight_peak = std::max(all.report.in_flight_peak.value_or(0), ++all.in_flight);
    return done(e);
}

Step end_request(const Execution& e) {
    Task& task = e.task();
    const RequestId request = std::exchange(task.request, no_request);
    if (request == no_request)
        throw InputError(fmt::format("{} has no request in hand to end: it begins one, or receives a message sent for "
                                     "one",
                                     described(e.kernel, e.actor)));
    Requests& all = *e.kernel.requests;
    if (all.arrivals[request] != never) {
        const Duration latency = e.kernel.now() - std::exchange(all.arrivals[request], never);
        ++all.report.completed;
        all.report.latency.add(latency);
        all.report.latencies.add(latency);
        all.last_answer = e.kernel.now();
        all.report.span = all.last_answer - all.first_arrival;
        account(all, e.kernel.now());
        --all.in_flight;
        if (all.report.span > Duration::zero())
            all.report.in_flight_mean =
                static_cast<double>(all.time_in_flight) / static_cast<double>(all.report.span.count());
    }
    return done(e);
}

} // namespace switchyard::sim
