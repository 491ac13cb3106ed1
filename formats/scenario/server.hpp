// A server and the load on it, out of a scenario file.
#pragma once

#include "formats/yaml/node.hpp"
#include "models/scenario/scenario.hpp"

namespace switchyard::formats {

// The value of 'server'. `scenario` has the machine, and all the server may refer to by name.
[[nodiscard]] Server read_server(const Node& node, const Scenario& scenario);

} // namespace switchyard::formats
