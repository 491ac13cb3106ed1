// Message queues that nobody else sees and that end with their process.
#pragma once

namespace switchyard::native {

// Moves the calling process, which must have one thread only, into an IPC namespace of its own (CLONE_NEWIPC,
// ipc_namespaces(7)): all queues of either kind that it makes then disappear with it, even where it is killed. Whether
// it could: as root, or as anybody in a user namespace of their own, in which System V's queues can be made and POSIX
// ones cannot (their files would have no owner).
enum class QueueOwner { root, anybody };
[[nodiscard]] bool enter_own_queue_namespace(QueueOwner owner); // message_queue.cpp

} // namespace switchyard::native
