// Message queues that nobody else sees and that end with their process.
#pragma once

namespace switchyard::native {

// Moves the calling process, which must have one thread only, into an IPC namespace of its own (CLONE_NEWIPC,
// ipc_namespaces(7)), where permitted (as root, or in a user namespace of its own): all queues of either kind that it
// makes then disappear with it, even where it is killed. Whether it could.
[[nodiscard]] bool enter_own_queue_namespace(); // message_queue.cpp

} // namespace switchyard::native
