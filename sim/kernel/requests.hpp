// Requests: when each arrived, and when it was answered. Messages carry them from task to task, children inherit them.
#pragma once

#include "models/units/wide_integer.hpp"
#include "sim/ipc/channel_state.hpp"
#include "sim/kernel/execution.hpp"

#include <vector>

namespace switchyard::sim {

struct Requests {
    std::vector<Time> arrivals; // by id; `never`: answered
    Time first_arrival = never;
    Time last_answer{};
    WideInteger time_in_flight = 0; // of all requests together, until `accounted`
    Time accounted{};
    std::uint64_t in_flight = 0;
    RequestReport report;
};

// A request comes into being, in the hand of this task. It arrived when the job the task is at was released, so that
// one that is late to say so does not hide that it was (coordinated omission); else now.
[[nodiscard]] Step begin_request(const Execution& e);

// The one in hand is answered: by whoever says so first.
[[nodiscard]] Step end_request(const Execution& e);

} // namespace switchyard::sim
