// Being one of a run's processes: its threads and memory are made before the start, everything waits at one barrier.
#pragma once

#include "native/runner/task.hpp"

#include <sys/types.h>

namespace switchyard::native {

// Executes the plan's process in the calling one, freshly forked by `conductor`, and ends with it.
[[noreturn]] void be_process(const Run& run, std::uint32_t process, pid_t conductor);

// Goes on as the process that replaced its image at an exec: with the task of that record, at that position, where
// `next_amount` of the plan's values is the next it takes.
[[noreturn]] void be_image(const Run& run, std::uint32_t record, std::uint32_t instance, std::uint32_t position,
                           std::uint32_t next_amount);

} // namespace switchyard::native
