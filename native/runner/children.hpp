// The children of a task: processes and threads made by the operation it is at, and waiting for them.
//
// Each leaves the parent at the operation it goes on with. Processes and threads are the operating system's own, made
// the way C programs make them: fork(3), pthread_create(3), execveat(2), and clone(2) with a stack of its own for
// vfork.
#pragma once

#include "native/runner/task.hpp"

namespace switchyard::native {

// File descriptors every process of a run has: an image put in place by exec finds the run through them.
inline constexpr int plan_file = 3;
inline constexpr int state_file = 4;
inline constexpr int executable_file = 5;

// In the child it returns as well, as the child's task.
void fork_child(Task& task);
void vfork_child(Task& task);
[[noreturn]] void exec_image(Task& task);
void spawn_thread(Task& task);
void wait_for_process(Task& task);
void join_thread(Task& task);

// Ends the thread a task or an event loop ran on; with the last one the process. Returns where the thread's function
// shall return; the process's first thread sleeps instead.
void end_thread(Thread& thread);

} // namespace switchyard::native
