// What a scenario file says of locks, conditions, barriers and variables, and of operations on them.
//
// All take nodes whose form has been checked (check.hpp) and throw InputError at their place.
#pragma once

#include "formats/yaml/node.hpp"
#include "models/scenario/program.hpp"
#include "models/scenario/synchronisation.hpp"

#include <vector>

namespace switchyard::formats {

[[nodiscard]] std::vector<Semaphore> read_semaphores(const Node& node);
[[nodiscard]] std::vector<Lock> read_locks(const Node& node);
[[nodiscard]] std::uint32_t read_interpreter(const Node& node, const std::vector<Lock>& locks); // its index
[[nodiscard]] std::vector<Condition> read_conditions(const Node& list);
[[nodiscard]] std::vector<Barrier> read_barriers(const Node& node);
[[nodiscard]] std::vector<Variable> read_variables(const Node& node);

void read_try_lock(const Node& value, ProgramBuilder& program);
void read_await(const Node& value, ProgramBuilder& program);
void read_write(const Node& value, ProgramBuilder& program);
void read_add(const Node& value, ProgramBuilder& program);
void read_if(const Node& value, ProgramBuilder& program);
void read_while(const Node& value, ProgramBuilder& program);

} // namespace switchyard::formats
