// What a scenario file says of memory: the machine's, a process's, and the operations on it.
#pragma once

#include "formats/yaml/node.hpp"
#include "models/scenario/scenario.hpp"

namespace switchyard::formats {

// All take nodes whose form has been checked and throw InputError at the place that is wrong.

// What `machine` says of it.
[[nodiscard]] MachineMemory read_machine_memory(const Node& machine);
[[nodiscard]] SegmentSizes read_segments(const Node& node);

// The operations; `value` is what stands behind the operation's word.
void read_map(const Node& value, ProgramBuilder& program);
void read_unmap(const Node& value, ProgramBuilder& program);
void read_remap(const Node& value, ProgramBuilder& program);
void read_protect(const Node& value, ProgramBuilder& program);
void read_brk(const Node& value, ProgramBuilder& program);
void read_advise(const Node& value, ProgramBuilder& program);
void read_touch(const Node& value, ProgramBuilder& program);
void read_observe(const Node& value, ProgramBuilder& program);

} // namespace switchyard::formats
