// The policies of sim/memory/replacement as what picks frames for the simulated machine.
#pragma once

#include "models/scenario/scenario.hpp"
#include "sim/memory/address_space/replacer.hpp"

namespace switchyard::sim {

// The policy that the machine's memory names, with its parameters; an empty function where it names none. `seed`: of
// policies that draw; `has_limits`: it may also be for processes with limits of their own. Throws InputError, with its
// place, for a policy or a parameter there is not, and for `opt`, which would have to know the future.
[[nodiscard]] memory::MakeReplacer replacement_of(const MachineMemory& machine, std::uint64_t seed, bool has_limits);

} // namespace switchyard::sim
