// Pipes: by one task that never waits, and between two on one processor, a write, a read that blocks, a wake-up and a
// switch a hop.
#include "native/probes/byte_stream.hpp"
#include "native/probes/primitives.hpp"

#include <cerrno>
#include <fcntl.h>

namespace switchyard::native {

static ByteStream open_pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw SystemError::from_errno("opening a pipe", errno);
    return {Descriptor(ends[1]), Descriptor(ends[0])};
}

std::vector<Sample> measure_pipe_alone(const ProbeRun& run) { return sample_pieces_without_waiting(run, open_pipe()); }

std::vector<Sample> measure_pipe_between_threads(const ProbeRun& run) {
    return sample_hand_overs(run, open_pipe(), open_pipe());
}

std::vector<Sample> measure_pipe_between_processes(const ProbeRun& run) {
    return sample_hand_overs(run, open_pipe(), open_pipe(), PartnerKind::process);
}

} // namespace switchyard::native
