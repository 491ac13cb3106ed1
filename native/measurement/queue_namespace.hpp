// Message queues that nobody else sees and that end with their process.
#pragma once

namespace switchyard::native {

// Moves the calling process, which must have one thread only, into an IPC namespace of its own (ipc_namespaces(7)): all
// queues of either kind that it makes then disappear with it and its children, even where they are killed. Whether it
// could: as root, or as anybody in a user namespace of their own, whose root they are to it (user_namespaces(7)).
//
// A namespace begins with the kernel's usual limits on queues; it gets this machine's.
[[nodiscard]] bool enter_own_queue_namespace();

// The limit /proc/sys/`name` of the caller's namespace becomes at least this, where that is permitted.
void raise_queue_limit(const char* name, long long least);

// Makes the calling process root of the user namespace it has just got (CLONE_NEWUSER), which owns what it makes there.
// `user` and `group` are what geteuid(2) and getegid(2) said before. Async-signal-safe. Whether it could.
[[nodiscard]] bool own_user_namespace(unsigned user, unsigned group);

} // namespace switchyard::native
