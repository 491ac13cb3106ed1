// References to the pages of regions, and what becomes of those that nobody permits.
#pragma once

namespace switchyard::native {

// From now on a reference that is forbidden is recorded, with its address and why, before the process dies of it; its
// task counts as crashed. For the calling process.
void record_forbidden_references();

} // namespace switchyard::native
