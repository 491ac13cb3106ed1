// How often a program's operations are executed, and with which amounts: all that can be known before a run.
#pragma once

#include "models/scenario/program.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace switchyard::native {

// The `draw`-th amount of the operation at that index in the code.
using DrawAmount = std::function<std::int64_t(std::uint32_t operation, std::uint64_t draw)>;

// More than this, all operations together, and the count stops: the run would take days.
inline constexpr std::uint64_t most_executions = std::uint64_t{1} << 40;

// How often one instance, with all the children it forks and spawns, executes each operation of its program: exactly,
// or at most where a crash or an exit cuts its family's other members short. Draws are numbered over the whole family:
// whichever member comes to an operation next gets the next draw.
//
// Throws InputError where it cannot be said beforehand (in a repeat of drawn length a fork whose child runs on into the
// code that follows: how often each of them still goes round depends on who draws first) or exceeds `most_executions`.
[[nodiscard]] std::vector<std::uint64_t> executions_of(const Program& program, const DrawAmount& draw);

} // namespace switchyard::native
