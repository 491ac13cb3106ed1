// The operations of a `do:` list, written into a program.
#pragma once

#include "formats/yaml/node.hpp"
#include "models/scenario/program.hpp"

namespace switchyard::formats {

// Appends the operations of the list (its form checked) to the program. Throws InputError at the place of what is
// wrong: an undefined name, a wrong unit, a limit exceeded. Operations get their places, without a file name where that
// is `scenario_file` (see Program::locations).
void read_operations(const Node& list, ProgramBuilder& program, const std::string& scenario_file);

// The words for the kinds of tasks: process, thread, coroutine, fiber.
[[nodiscard]] TaskKind read_task_kind(const Node& node);

} // namespace switchyard::formats
