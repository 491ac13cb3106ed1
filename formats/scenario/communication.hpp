// Channels, devices, requests, and the operations on them, out of a scenario file.
#pragma once

#include "formats/yaml/node.hpp"
#include "models/scenario/program.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace switchyard::formats {

// The values of 'pipes', 'channels', 'devices' and 'requests'; the first two add to what there is.
void read_pipes(const Node& node, std::vector<Channel>& channels);
void read_channels(const Node& node, std::vector<Channel>& channels);
[[nodiscard]] Channel read_channel(const Node& node); // one of them
[[nodiscard]] std::vector<Device> read_devices(const Node& node);
[[nodiscard]] std::vector<RequestAmount> read_requests(const Node& node);

// "request.work", where an amount is asked for.
[[nodiscard]] std::optional<OfRequest> read_of_request(const Node& node);

// 'blocking' or 'asynchronous'; nothing: blocking.
[[nodiscard]] bool read_asynchronous(const Node* style);

void read_send(const Node& value, ProgramBuilder& program);
void read_receive(const Node& value, ProgramBuilder& program);
void read_for_each(const Node& value, ProgramBuilder& program);
void read_close(const Node& value, ProgramBuilder& program);
void read_io(const Node& value, ProgramBuilder& program);

} // namespace switchyard::formats
