#include "sim/io/device_state.hpp"

#include <algorithm>

namespace switchyard::sim {

bool has_room(const Device& device, const DeviceState& state) {
    return device.depth == 0 || state.in_service + state.waiting < device.depth;
}

bool begin_operation(const Device& device, DeviceState& state, const DeviceOperation& operation) {
    if (state.in_service < device.parallel) {
        ++state.in_service;
        return true;
    }
    if (state.waiting == state.line.size()) { // the first of the ring first, and room behind the last
        std::rotate(state.line.begin(), state.line.begin() + static_cast<std::ptrdiff_t>(state.first),
                    state.line.end());
        state.first = 0;
        state.line.resize(std::max<std::size_t>(8, 2 * state.line.size()));
    }
    state.line[(state.first + state.waiting) % state.line.size()] = operation;
    ++state.waiting;
    return false;
}

std::optional<DeviceOperation> end_service(DeviceState& state) {
    if (state.waiting == 0) {
        --state.in_service;
        return std::nullopt;
    }
    const DeviceOperation next = state.line[state.first];
    state.first = (state.first + 1) % state.line.size();
    --state.waiting;
    return next;
}

} // namespace switchyard::sim
