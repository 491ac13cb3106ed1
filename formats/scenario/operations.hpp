// The operations of a `do:` list, written into a program.
#pragma once

#include "formats/yaml/node.hpp"
#include "models/scenario/program.hpp"

namespace switchyard::formats {

// Appends the operations of the list (its form checked) to the program, each with its place. Throws InputError at the
// place of what is wrong: an undefined name, a wrong unit, a limit exceeded.
void read_operations(const Node& list, ProgramBuilder& program);

// The words for the kinds of tasks: process, thread, coroutine, fiber.
[[nodiscard]] TaskKind read_task_kind(const Node& node);

} // namespace switchyard::formats
