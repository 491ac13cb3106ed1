// What a scenario says of its cores' TLBs.
#pragma once

#include "models/scenario/scenario.hpp"
#include "sim/memory/translation/tlb.hpp"

#include <span>

namespace switchyard::sim {

// The usual hardware (usual_translation) but for what the parameters say: `l1`, `l1_instruction` and `l2` as
// "SETSxWAYS" of 4 KiB pages ("16x4"; l2 serves 2 MiB pages, too), `identifiers` as a number (0: every switch to
// another address space flushes). Throws InputError, with its place, for other names and values.
[[nodiscard]] TranslationDescription translation_of(std::span<const PolicyParameter> parameters, unsigned levels);

} // namespace switchyard::sim
