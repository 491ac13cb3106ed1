#include "native/measurement/dead_owner.hpp"

#include <cerrno>
#include <charconv>
#include <csignal>

namespace switchyard::native {

pid_t owner_in(std::string_view name, std::string_view prefix) {
    if (!name.starts_with(prefix)) return 0;
    pid_t owner = 0;
    const auto [end, error] = std::from_chars(name.data() + prefix.size(), name.data() + name.size(), owner);
    return error == std::errc{} && end == name.data() + name.size() && owner > 0 ? owner : 0;
}

bool is_of_dead_process(std::string_view name, std::string_view prefix) {
    const pid_t owner = owner_in(name, prefix);
    return owner > 0 && kill(owner, 0) != 0 && errno == ESRCH;
}

} // namespace switchyard::native
