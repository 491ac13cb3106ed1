// What a program must be before an executor may run it without looking twice.
#pragma once

#include "models/scenario/program.hpp"

#include <cstddef>
#include <vector>

namespace switchyard {

// How many there are of what programs refer to, as Scenario has them.
struct SharedObjects {
    std::size_t semaphores = 0;
    std::vector<Channel> channels{};
    std::size_t devices = 0;
    std::size_t request_amounts = 0;
    std::vector<LockKind> locks{};
    std::size_t conditions = 0;
    std::size_t barriers = 0;
    std::size_t variables = 0;
};

// Throws InputError, at the operation's place where it is known, unless `program` can be the code of a task of this
// kind in a scenario with these objects:
//
//   * its bodies nest as `Operation` describes, its indices point at something, its repeats are at most
//     `most_repeat_depth` deep and not empty, its distributions can be drawn from;
//   * a coroutine or fiber makes no process and does not exec: that would copy or replace its thread with all it
//   carries;
//   * only a coroutine or fiber waits asynchronously, and only one makes others, of its own kind; a spin lock is never
//   waited for so;
//   * the child of a vfork computes, enters the kernel, touches and observes its parent's memory, execs or exits, and
//   does nothing else before (vfork(2));
//   * a coroutine or fiber does not observe: the kernel counts for its thread;
//   * what is joined is a thread or coroutine, and what is waited for a process, that the same task has started further
//   up;
//   * only a coroutine or fiber sends and receives asynchronously, and messages are sent into channels that take them;
//   * nobody sends to or receives from a System V queue asynchronously: epoll(7) does not know of it;
//   * only read-write locks are taken as a reader, and conditions are awaited with mutexes.
void validate(const Program& program, TaskKind kind, const SharedObjects& objects);

// Whether a body stands behind operations of this kind, from +1 up to their target.
[[nodiscard]] bool is_opener(OperationKind kind);

} // namespace switchyard
