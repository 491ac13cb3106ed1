#include "native/execute/abandoned.hpp"

#include "native/measurement/dead_owner.hpp"

#include <cerrno>
#include <string>
#include <system_error>
#include <unistd.h>

namespace switchyard::native {

// The kernel's own files in a group go with it.
static bool remove_group(const std::filesystem::path& group) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(group, error))
        if (entry.is_directory(error) && !entry.is_symlink(error)) remove_group(entry.path());
    return rmdir(group.c_str()) == 0 || errno == ENOENT;
}

bool remove_abandoned_groups(const std::filesystem::path& mount, std::string_view prefix, pid_t owner) {
    bool is_clear = true;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(mount, error)) {
        const std::string name = entry.path().filename().string();
        const bool is_of_owner = owner > 0 && owner_in(name, prefix) == owner;
        if (is_of_owner || is_of_dead_process(name, prefix)) is_clear = remove_group(entry.path()) && is_clear;
    }
    return is_clear;
}

} // namespace switchyard::native
