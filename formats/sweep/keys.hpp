// The words of sweep files: every key, what it takes and what it is about, as data (formats/scenario/keys.hpp).
#pragma once

#include "formats/scenario/keys.hpp"

namespace switchyard::formats {

// A whole sweep; all else is reached from it.
extern const MapDescription sweep_map;

} // namespace switchyard::formats
