// The page faults that a fork leaves behind: whoever writes to a page first while both have it gets a copy, and whoever
// has it alone again only the right to write.
#include "models/errors.hpp"
#include "native/measurement/child.hpp"
#include "native/probes/partner.hpp"
#include "native/probes/primitives.hpp"
#include "native/probes/region.hpp"

#include <cerrno>
#include <functional>
#include <sys/wait.h>
#include <unistd.h>

namespace switchyard::native {

namespace {

constexpr std::int64_t pages_to_reuse = 1024;

// Returns when the child has ended.
void run_child(const std::function<void()>& body) {
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child < 0) throw SystemError::from_errno("forking", errno);
    if (child == 0) {
        die_with_parent(parent);
        body();
        _exit(0);
    }
    waitpid(child, nullptr, 0);
}

} // namespace

// The child holds the stopwatch, the parent waits. Each copy reads one frame and writes another, and the next child
// does the same with the same frames: half as many copies are so many pages.
std::vector<Sample> measure_fault_copy(const ProbeRun& run) {
    const std::int64_t pages = run.amount / 2;
    const Region region(pages);
    region.write();
    const Shared<Sample> seen;
    std::vector<Sample> samples;
    const std::uint64_t begin = time_stamp();
    while (samples.size() < 4 || run.scale.nanoseconds(begin, time_stamp()) < run.budget_nanoseconds) {
        run_child([&] {
            static_cast<void>(
                iteration_picoseconds_now(run.scale)); // the child's own copies of what the stopwatch needs
            const BracketedTime time = measure_bracketed(run.scale, [&] { region.write(); });
            *seen = {time.nanoseconds / static_cast<double>(pages), time.iteration_picoseconds, time.disagreement};
        });
        samples.push_back(*seen);
    }
    samples.erase(samples.begin()); // the first one warmed up
    return samples;
}

std::vector<Sample> measure_fault_reuse(const ProbeRun& run) {
    const Region region(pages_to_reuse);
    region.write();
    return sample_prepared_batches(
        run, pages_to_reuse, [] { run_child([] {}); }, [&] { region.write(); }, [] {});
}

} // namespace switchyard::native
