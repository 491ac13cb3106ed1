// Requests: when each arrived and was answered, and what was drawn for the one in hand.
#pragma once

#include "native/runner/task.hpp"

namespace switchyard::native {

// A request comes into being, in the task's hand. It arrived when the job the task is in was released, or else now.
void begin_request(Task& task);

// The one in hand is answered, by whoever says so first.
void end_request(Task& task);

} // namespace switchyard::native
