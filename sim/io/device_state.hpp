// What a device is at: how many operations it serves, and which wait for that, first come first served. There is no
// time in it, and nobody is woken here.
//
// What comes when the device has taken all it takes (Device::depth) waits for it in the kernel, in the same order, and
// the device takes it as soon as it has room: so disk drivers do it (blk_mq_mark_tag_wait, block/blk-mq.c). Only who
// does not want to wait in a call has to know whether there is room.
#pragma once

#include "models/scenario/communication.hpp"
#include "models/trace/event.hpp"
#include "models/units/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace switchyard::sim {

struct DeviceOperation {
    TaskId task = no_task; // who asked for it
    Duration service{};
};

struct DeviceState {
    std::uint32_t in_service = 0;
    std::size_t waiting = 0;           // for service
    std::size_t first = 0;             // of those that wait, in `line`
    std::vector<DeviceOperation> line; // a ring; grows to the most that ever wait
};

// Whether the device takes one more right away.
[[nodiscard]] bool has_room(const Device& device, const DeviceState& state);

// One more operation. Returns whether its service begins now.
[[nodiscard]] bool begin_operation(const Device& device, DeviceState& state, const DeviceOperation& operation);

// The service of one has ended; returns the one whose service begins now.
[[nodiscard]] std::optional<DeviceOperation> end_service(DeviceState& state);

} // namespace switchyard::sim
