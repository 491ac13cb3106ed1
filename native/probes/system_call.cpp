// An empty system call: getppid, past the C library, which does nothing in the kernel but read a number.
#include "native/probes/primitives.hpp"

#include <sys/syscall.h>
#include <unistd.h>

namespace switchyard::native {

std::vector<Sample> measure_system_call(const ProbeRun& run) {
    constexpr std::int64_t calls = 5000;
    return sample_batches(run, calls, [] {
        for (std::int64_t call = 0; call < calls; ++call) syscall(SYS_getppid);
    });
}

} // namespace switchyard::native
