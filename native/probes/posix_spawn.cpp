// posix_spawn(3) of a small dynamically linked program that does nothing, and the wait that reaps it: vfork, exec, the
// dynamic linker, exit.
#include "models/errors.hpp"
#include "native/probes/primitives.hpp"

#include <spawn.h>
#include <sys/wait.h>

namespace switchyard::native {

std::vector<Sample> measure_posix_spawn_life(const ProbeRun& run) {
    char program[] = "/bin/true";
    char* const arguments[] = {program, nullptr};
    char* const no_environment[] = {nullptr};
    int error = 0;
    int status = 0;
    std::vector<Sample> samples = sample_batches(run, 1, [&] {
        pid_t child = -1;
        if (error == 0) error = posix_spawn(&child, program, nullptr, nullptr, arguments, no_environment);
        if (error == 0) waitpid(child, &status, 0);
    });
    if (error != 0) throw SystemError::from_errno("starting /bin/true", error);
    if (status != 0) throw SystemError("/bin/true did not run to its end");
    return samples;
}

} // namespace switchyard::native
