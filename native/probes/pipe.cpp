// Two tasks on one processor that send `amount` bytes to and fro through two pipes: a write, a read that blocks, a
// wake-up and a switch a hop.
#include "models/errors.hpp"
#include "native/probes/partner.hpp"
#include "native/probes/primitives.hpp"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace switchyard::native {

namespace {

struct PipeEnds {
    int read_end = -1;
    int write_end = -1;

    PipeEnds() {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0) throw SystemError::from_errno("opening a pipe", errno);
        read_end = ends[0];
        write_end = ends[1];
    }
    PipeEnds(const PipeEnds&) = delete;
    PipeEnds& operator=(const PipeEnds&) = delete;
    ~PipeEnds() {
        close(read_end);
        close(write_end);
    }
};

// The first byte of a message: whether another one follows.
constexpr char another = 'a';
constexpr char the_last = 'l';

bool send(const PipeEnds& pipe, const std::vector<char>& message) {
    return write(pipe.write_end, message.data(), message.size()) == std::ssize(message);
}

// Writes of at most a page (PIPE_BUF) arrive whole.
bool receive(const PipeEnds& pipe, std::vector<char>& message) {
    return read(pipe.read_end, message.data(), message.size()) == std::ssize(message);
}

std::vector<Sample> measure_pipe(const ProbeRun& run, PartnerKind kind) {
    constexpr std::int64_t round_trips = 500;
    const auto size = static_cast<std::size_t>(run.amount);
    const PipeEnds there, back;
    Partner partner(kind, [&] {
        std::vector<char> message(size);
        while (receive(there, message) && message.front() == another && send(back, message)) {
        }
    });
    std::vector<char> message(size, another);
    bool intact = true;
    const std::vector<Sample> samples = sample_batches(run, 2 * round_trips, [&] {
        for (std::int64_t trip = 0; trip < round_trips; ++trip)
            intact = intact && send(there, message) && receive(back, message);
    });
    send(there, std::vector<char>(size, the_last));
    if (!intact) throw SystemError("a pipe between two tasks lost a message");
    return samples;
}

} // namespace

std::vector<Sample> measure_pipe_between_threads(const ProbeRun& run) { return measure_pipe(run, PartnerKind::thread); }

std::vector<Sample> measure_pipe_between_processes(const ProbeRun& run) {
    return measure_pipe(run, PartnerKind::process);
}

} // namespace switchyard::native
