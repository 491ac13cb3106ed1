// What a task waits for devices with, and how far it has come.
#pragma once

#include "native/runner/completion_ring.hpp"

#include <cstdint>
#include <linux/time_types.h>
#include <memory>

namespace switchyard::native {

struct DeviceWait {
    enum class Stage : std::uint8_t { beginning, in_line, asked }; // in_line: it was refused, and waits to ask again

    DeviceWait() = default;
    ~DeviceWait();
    DeviceWait(const DeviceWait&) = delete;
    DeviceWait& operator=(const DeviceWait&) = delete;

    int timer = -1;                       // timerfd
    bool timer_blocks = true;             // who reads it
    int epoll = -1;                       // of a thread without an event loop
    std::unique_ptr<CompletionRing> ring; // likewise
    Stage stage = Stage::beginning;
    std::int64_t service = 0;  // ns, of the operation in progress
    std::int64_t tells_at = 0; // when the timer does: CLOCK_MONOTONIC, ns
    __kernel_timespec done_at{};
};

} // namespace switchyard::native
