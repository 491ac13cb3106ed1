// fork(2) of a process with `amount` resident pages: the call itself, and the child's whole life until it is reaped.
#include "models/errors.hpp"
#include "native/probes/primitives.hpp"
#include "native/probes/region.hpp"

#include <cerrno>
#include <sys/wait.h>
#include <unistd.h>

namespace switchyard::native {

namespace {

pid_t fork_child_that_exits() {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    if (child < 0) throw SystemError::from_errno("forking", errno);
    return child;
}

enum class Until { call_returns, child_is_reaped };

std::vector<Sample> measure_fork(const ProbeRun& run, Until until) {
    const Region region(run.amount); // ordinary pages: what a fork has to copy page-table entries for
    region.write();
    std::vector<Sample> samples;
    waitpid(fork_child_that_exits(), nullptr, 0); // the first fork also write-protects every page
    const std::uint64_t begin = time_stamp();
    while (samples.size() < 5 || run.scale.nanoseconds(begin, time_stamp()) < run.budget_nanoseconds) {
        const double before = iteration_picoseconds_now(run.scale);
        const std::uint64_t start = time_stamp();
        const pid_t child = fork_child_that_exits();
        const std::uint64_t returned = time_stamp();
        waitpid(child, nullptr, 0);
        const std::uint64_t reaped = time_stamp();
        const double after = iteration_picoseconds_now(run.scale);
        const std::uint64_t end = until == Until::call_returns ? returned : reaped;
        const BracketedTime time = bracketed(run.scale.nanoseconds(start, end), before, after);
        samples.push_back({time.nanoseconds, time.iteration_picoseconds, time.disagreement});
    }
    return samples;
}

} // namespace

std::vector<Sample> measure_fork_call(const ProbeRun& run) { return measure_fork(run, Until::call_returns); }

std::vector<Sample> measure_fork_life(const ProbeRun& run) { return measure_fork(run, Until::child_is_reaped); }

} // namespace switchyard::native
