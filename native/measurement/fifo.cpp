#include "native/measurement/fifo.hpp"

#include "models/errors.hpp"
#include "native/measurement/dead_owner.hpp"
#include "native/measurement/queue_namespace.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <sched.h>
#include <string>
#include <string_view>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace switchyard::native {

namespace {

constexpr std::string_view prefix = "switchyard-fifo-";

// The receiving end first, which waits for a sending one unless it is not to wait at all.
bool open_ends(int folder, const char* name, FifoEnds& ends) {
    ends.receiving = openat(folder, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
    ends.sending = ends.receiving < 0 ? -1 : openat(folder, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (ends.sending >= 0 && fcntl(ends.receiving, F_SETFL, 0) == 0) return true;
    const int error = errno;
    for (int* const end : {&ends.receiving, &ends.sending})
        if (*end >= 0) close(*end);
    ends = {};
    errno = error;
    return false;
}

// Async-signal-safe.
bool open_unmounted(FifoEnds& ends) {
    const int context = fsopen("tmpfs", FSOPEN_CLOEXEC);
    if (context < 0) return false;
    const bool is_made = fsconfig(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) == 0;
    const int folder = is_made ? fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV) : -1;
    close(context);
    if (folder < 0) return false;
    const bool is_open = mkfifoat(folder, "fifo", S_IRUSR | S_IWUSR) == 0 && open_ends(folder, "fifo", ends);
    close(folder);
    return is_open;
}

struct Errand {
    uid_t user;
    gid_t group;
    FifoEnds ends;
};

int run_errand(void* address) {
    Errand& errand = *static_cast<Errand*>(address);
    return own_user_namespace(errand.user, errand.group) && open_unmounted(errand.ends) ? 0 : 1;
}

// By a child that shares memory and open files, and for which the caller waits.
bool open_as_root_of_a_namespace(FifoEnds& ends) {
    Errand errand{geteuid(), getegid(), {}};
    alignas(16) std::array<std::byte, 64 * 1024> stack;
    const int flags = CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_NEWUSER | CLONE_NEWNS | SIGCHLD;
    const pid_t child = clone(run_errand, stack.data() + stack.size(), flags, &errand);
    if (child < 0) return false;
    int status = -1;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    ends = errand.ends;
    return status == 0;
}

} // namespace

FifoEnds open_fifo_in(const char* folder) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
        if (is_of_dead_process(entry.path().filename().string(), prefix) && entry.is_fifo(ignored))
            unlink(entry.path().c_str());
    const std::string name = std::string(folder) + '/' + std::string(prefix) + std::to_string(getpid());
    if (mkfifo(name.c_str(), S_IRUSR | S_IWUSR) != 0)
        throw SystemError::from_errno(std::string("making a FIFO in '") + folder + "'", errno);
    FifoEnds ends;
    const bool is_open = open_ends(AT_FDCWD, name.c_str(), ends);
    const int error = errno;
    unlink(name.c_str());
    if (!is_open) throw SystemError::from_errno("opening a FIFO", error);
    return ends;
}

FifoEnds open_fifo() {
    FifoEnds ends;
    if (open_unmounted(ends) || open_as_root_of_a_namespace(ends)) return ends;
    const char* const wanted = std::getenv("TMPDIR");
    return open_fifo_in(wanted != nullptr && access(wanted, W_OK) == 0 ? wanted : "/tmp");
}

} // namespace switchyard::native
