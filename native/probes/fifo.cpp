// FIFOs, as pipes (pipe.cpp).
#include "native/measurement/fifo.hpp"
#include "native/probes/byte_stream.hpp"
#include "native/probes/primitives.hpp"

namespace switchyard::native {

static ByteStream open_stream() {
    const FifoEnds ends = open_fifo();
    return {Descriptor(ends.sending), Descriptor(ends.receiving)};
}

std::vector<Sample> measure_fifo_alone(const ProbeRun& run) {
    return sample_pieces_without_waiting(run, open_stream());
}

std::vector<Sample> measure_fifo_between_threads(const ProbeRun& run) {
    return sample_hand_overs(run, open_stream(), open_stream());
}

} // namespace switchyard::native
