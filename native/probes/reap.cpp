// waitpid(2) for a child that has ended already: what is left of it is freed.
#include "models/errors.hpp"
#include "native/probes/primitives.hpp"

#include <cerrno>
#include <sys/wait.h>
#include <unistd.h>

namespace switchyard::native {

std::vector<Sample> measure_reaping(const ProbeRun& run) {
    pid_t child = -1;
    return sample_prepared_batches(
        run, 1,
        [&] {
            child = fork();
            if (child == 0) _exit(0);
            if (child < 0) throw SystemError::from_errno("forking", errno);
            siginfo_t info;
            if (waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) != 0) // it stays a zombie
                throw SystemError::from_errno("waiting for a child", errno);
        },
        [&] { waitpid(child, nullptr, 0); }, [] {});
}

} // namespace switchyard::native
