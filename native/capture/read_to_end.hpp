// What several recorders of the kernel's events need of a file.
#pragma once

#include <string>

namespace switchyard::native {

// All that is still to be read from it; what was read so far where it fails.
[[nodiscard]] std::string read_to_end(int file);

} // namespace switchyard::native
