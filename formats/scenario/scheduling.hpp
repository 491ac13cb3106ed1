// What a scenario file tells the scheduler: attributes of tasks, and groups.
#pragma once

#include "formats/yaml/node.hpp"
#include "models/scenario/scenario.hpp"

#include <vector>

namespace switchyard::formats {

// All take nodes whose form has been checked and throw InputError at the place that is wrong.
[[nodiscard]] std::vector<Group> read_groups(const Node& node);
[[nodiscard]] std::uint32_t read_group(const Node& node, const std::vector<Group>& groups);
[[nodiscard]] Scheduling read_scheduling(const Node& node);

// The jobs of a 'periodic' task, with its 'do' as what each does; what it says of them goes into the attributes.
void read_periodic(const Node& node, const Node& body, Scheduling& scheduling, ProgramBuilder& program);

} // namespace switchyard::formats
