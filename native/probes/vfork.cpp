// vfork(2), a child that only exits, and the wait that reaps it.
#include "models/errors.hpp"
#include "native/probes/primitives.hpp"

#include <cerrno>
#include <sys/wait.h>
#include <unistd.h>

namespace switchyard::native {

std::vector<Sample> measure_vfork_life(const ProbeRun& run) {
    bool started = true;
    std::vector<Sample> samples = sample_batches(run, 1, [&started] {
        const pid_t child = vfork();
        if (child == 0) _exit(0);
        started = started && child > 0;
        waitpid(child, nullptr, 0);
    });
    if (!started) throw SystemError::from_errno("vfork", errno);
    return samples;
}

} // namespace switchyard::native
