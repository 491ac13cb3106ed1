// A queue within one process, as a program makes it: a ring, a mutex, and a condition variable at either end. Carried
// tasks that wait asynchronously stand in a list, from which the other side takes them. What is passed on is whose
// request it is: the data of a message would be a pointer.
#pragma once

#include "native/runner/transfer.hpp"

#include <cstddef>
#include <cstdint>

namespace switchyard::native {

struct Run;

// Before any process starts.
void make_queue(const Run& run, std::size_t channel);

[[nodiscard]] Transferred send_to_queue(Task& task, const PlanOperation& operation);
[[nodiscard]] Transferred receive_from_queue(Task& task, const PlanOperation& operation);

// Nobody sends any more; what is in it can still be received.
void close_queue(Task& task, std::uint32_t channel);

} // namespace switchyard::native
