// Pipes: by one task that never waits, one message at a time or as many as it holds, and between two on one processor,
// a write, a read that blocks, a wake-up and a switch a hop.
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

// As many messages as it holds, then all of them received: all pages but those the pipe has kept come from the kernel.
std::vector<Sample> measure_filled_pipe(const ProbeRun& run) {
    const ByteStream stream = open_pipe();
    const std::int64_t messages = bytes_at_once / run.amount;
    const Message sent(run.amount, another);
    Message received(run.amount);
    bool intact = true;
    const auto fill_and_empty = [&] {
        for (std::int64_t message = 0; message < messages; ++message) intact = intact && stream.send(sent);
        for (std::int64_t message = 0; message < messages; ++message) intact = intact && stream.receive(received);
    };
    constexpr std::int64_t times = 20;
    std::vector<Sample> samples = sample_batches(run, times * messages, [&] {
        for (std::int64_t time = 0; time < times; ++time) fill_and_empty();
    });
    if (!intact || received.first() != another) throw SystemError("a message to oneself was lost");
    return samples;
}

std::vector<Sample> measure_pipe_between_threads(const ProbeRun& run) {
    return sample_hand_overs(run, open_pipe(), open_pipe());
}

std::vector<Sample> measure_pipe_between_processes(const ProbeRun& run) {
    return sample_hand_overs(run, open_pipe(), open_pipe(), PartnerKind::process);
}

} // namespace switchyard::native
