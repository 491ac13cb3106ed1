// FIFOs, as pipes (pipe.cpp). Each has a name only until both its ends are open.
#include "native/probes/byte_stream.hpp"
#include "native/probes/primitives.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sys/stat.h>

namespace switchyard::native {

static ByteStream open_fifo() {
    std::error_code unknown;
    const std::string name =
        fmt::format("{}/switchyard-fifo-{}", std::filesystem::temp_directory_path(unknown).c_str(), getpid());
    if (mkfifo(name.c_str(), S_IRUSR | S_IWUSR) != 0) throw SystemError::from_errno("making a FIFO", errno);
    // A FIFO's reading end waits for a writing one unless it is not to wait at all.
    Descriptor out(open(name.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    Descriptor in(open(name.c_str(), O_WRONLY | O_CLOEXEC));
    const int error = errno;
    unlink(name.c_str());
    if (out.number() < 0 || in.number() < 0) throw SystemError::from_errno("opening a FIFO", error);
    if (fcntl(out.number(), F_SETFL, 0) != 0) throw SystemError::from_errno("opening a FIFO", errno);
    return {std::move(in), std::move(out)};
}

std::vector<Sample> measure_fifo_alone(const ProbeRun& run) { return sample_pieces_without_waiting(run, open_fifo()); }

std::vector<Sample> measure_fifo_between_threads(const ProbeRun& run) {
    return sample_hand_overs(run, open_fifo(), open_fifo());
}

} // namespace switchyard::native
