// send, receive and the head of a for_each, for real: the system calls a program would make.
#pragma once

#include "native/plan/shared_state.hpp"

#include <cstdint>
#include <optional>

namespace switchyard::native {

enum class Pause : std::uint8_t;

// What became of an attempt.
enum class Transferred : std::uint8_t {
    all,    // that was wanted, or the message
    ended,  // received: nobody is left to send, and nothing is left
    broken, // sent: nobody is left to receive
    waits,  // the task's event loop shall wait for the descriptor
    parks,  // the task shall be parked (Task::park)
};

// The operation the task is at. It is left when it is over; otherwise the pause says what a carried task waits for
// before it tries again.
[[nodiscard]] std::optional<Pause> transfer(Task& task, const PlanOperation& operation);

// Before the start: room for what its program sends and receives, so that it does not fault for it later.
void prepare_buffers(const Task& task);

// The task, as the calling thread, is the one that waits for the signals its program receives.
void await_signals(const Task& task);

} // namespace switchyard::native
