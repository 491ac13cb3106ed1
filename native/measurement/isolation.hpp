// Keeping a measurement away from everything else on the machine, as far as this user may.
//
// Every function does what it can and returns what it could not do, as notes for the report: a figure taken with fewer
// guarantees is still a figure, but its reader should know.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

namespace switchyard::native {

// What was not available: one sentence each, empty when everything was.
using Notes = std::vector<std::string>;

// The processors the calling thread may run on, ascending.
[[nodiscard]] std::vector<int> allowed_cpus();

// Pins the calling thread, and all it starts from now on, to these processors.
Notes pin_to(std::span<const int> cpus);

// Makes the calling process leader of a session and a process group of its own, if it is not yet: on kernels with
// autogroup (sched(7)) its tasks are then weighed against every other session as one.
Notes begin_own_session();

// Gives the calling process's session the weight of nice value `nice` against other sessions (/proc/self/autogroup;
// sched(7)). Less than 0 needs CAP_SYS_NICE.
Notes weigh_session(int nice = -20);

// Keeps all present memory in RAM, and all future memory too (mlockall): no page fault in the middle of a measurement.
// Not before a fork is measured: locked memory is copied at once.
Notes lock_memory();

// Touches the next `bytes` of the calling thread's stack, so that they are resident.
void prefault_stack(std::size_t bytes = 256 * 1024);

// How much later than asked the kernel may end this thread's sleeps, to group wake-ups (PR_GET_TIMERSLACK, prctl(2)).
[[nodiscard]] std::chrono::nanoseconds timer_slack();
Notes set_timer_slack(std::chrono::nanoseconds slack); // 0: back to the default; 1 ns: none

// What every measurement wants: own session, heaviest weight, pinned.
Notes isolate(std::span<const int> cpus);

} // namespace switchyard::native
