#include "sim/kernel/requests.hpp"

#include "sim/kernel/diagnosis.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace switchyard::sim {

Step begin_request(const Execution& e) {
    if (!e.kernel.requests) e.kernel.requests = std::make_shared<Requests>();
    Requests& all = *e.kernel.requests;
    Task& task = e.task();
    task.request = static_cast<RequestId>(all.arrivals.size());
    const Time arrival = task.in_job != nothing ? task.release : e.kernel.now();
    all.arrivals.push_back(arrival);
    all.first_arrival = std::min(all.first_arrival, arrival);
    ++all.report.begun;
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
    }
    return done(e);
}

} // namespace switchyard::sim
