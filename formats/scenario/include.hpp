// Scenario files made of several: `include: [common.yaml]`.
#pragma once

#include "formats/yaml/node.hpp"

namespace switchyard::formats {

// A file may not drag in more than this, all inclusions counted.
inline constexpr int most_included_files = 1000;

// The scenario with what it includes merged in and its `include` key gone. Maps are merged key by key, anything else is
// replaced; the including file wins over what it includes, and a later file in the list over an earlier one. A path is
// relative to the folder of the file it stands in, and must lead to a file below that folder, links followed. Throws
// InputError, at the item of the list, for a path that does not, for a file that cannot be read, and for files that
// include one another in a circle. What was read from standard input ("-") can include nothing.
[[nodiscard]] Node with_includes(Node scenario, const std::string& file_name);

} // namespace switchyard::formats
