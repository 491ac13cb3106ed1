// FIFOs (fifo(7)) without a name that anybody else could see, or that could stay behind.
#pragma once

namespace switchyard::native {

struct FifoEnds {
    int receiving = -1;
    int sending = -1;
};

// Both ends of a new one, blocking, closed by exec.
//
// It is made in a file system of its own in memory that is mounted nowhere (fsmount(2)) and goes with the last of the
// two ends, however their owners die. Who may not mount does so for a moment as root of a user namespace
// (user_namespaces(7)). Where those are not allowed either, or the kernel is older than 5.2, the FIFO has a name in
// TMPDIR or /tmp until both ends are open: `switchyard-fifo-PID`. One whose process was killed right then is removed by
// the next to be made there.
//
// Throws SystemError where none can be made.
[[nodiscard]] FifoEnds open_fifo();

// The last of these ways by itself.
[[nodiscard]] FifoEnds open_fifo_in(const char* folder);

} // namespace switchyard::native
