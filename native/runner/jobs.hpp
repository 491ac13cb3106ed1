// Jobs of periodic tasks: waiting for the release of the next, and recording how long it took.
#pragma once

#include "native/runner/task.hpp"

namespace switchyard::native {

// The task's next job is released `after` nanoseconds after the one before, whenever that was done; the first when the
// task became ready (a child: when it first ran). Waits for it with clock_nanosleep(2) for the instant itself, so that
// lateness does not add up; a coroutine's or fiber's thread waits along.
void begin_job(Task& task, std::int64_t after);

// The job begun last is done.
void end_job(Task& task);

} // namespace switchyard::native
