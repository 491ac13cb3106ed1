// Directories of control groups whose owner is gone.
#pragma once

#include <filesystem>
#include <string_view>
#include <sys/types.h>

namespace switchyard::native {

// Removes the directories in `mount` that are called `prefix` and the id of a process that is no more, or of `owner`
// (0: nobody), with all groups below them. Groups that have members stay. Whether none such is left.
bool remove_abandoned_groups(const std::filesystem::path& mount, std::string_view prefix, pid_t owner);

} // namespace switchyard::native
