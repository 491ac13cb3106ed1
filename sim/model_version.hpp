// Which model it is whose results these are.
#pragma once

#include <cstdint>

namespace switchyard::sim {

// Raised by one whenever any scenario's results change under any profile: results that were kept are then other points'
// (lab/sweep/point.hpp), and computed anew. tests/lab/sweep/model_version.cpp fails where it was forgotten.
inline constexpr std::uint32_t model_version = 1;

} // namespace switchyard::sim
