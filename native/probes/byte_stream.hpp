// Descriptors through which bytes go in and come out again: the two ends of a pipe, a FIFO, a socket.
#pragma once

#include "native/probes/message.hpp"

#include <unistd.h>
#include <utility>

namespace switchyard::native {

class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor() {
        if (number_ >= 0) close(number_);
    }
    [[nodiscard]] int number() const { return number_; }

private:
    int number_ = -1;
};

[[nodiscard]] inline bool write_all(int descriptor, const char* bytes, std::size_t size) {
    while (size > 0) {
        const ssize_t moved = write(descriptor, bytes, size);
        if (moved <= 0) return false;
        bytes += moved;
        size -= static_cast<std::size_t>(moved);
    }
    return true;
}

[[nodiscard]] inline bool read_all(int descriptor, char* bytes, std::size_t size) {
    while (size > 0) {
        const ssize_t moved = read(descriptor, bytes, size);
        if (moved <= 0) return false;
        bytes += moved;
        size -= static_cast<std::size_t>(moved);
    }
    return true;
}

// Of a descriptor that keeps messages apart, each moves in one call.
struct ByteStream {
    Descriptor in;
    Descriptor out;

    [[nodiscard]] bool send(const char* bytes, std::size_t size) const { return write_all(in.number(), bytes, size); }
    [[nodiscard]] bool receive(char* bytes, std::size_t size) const { return read_all(out.number(), bytes, size); }
    [[nodiscard]] bool send(const Message& message) const { return send(message.bytes(), message.size()); }
    [[nodiscard]] bool receive(Message& message) const { return receive(message.bytes(), message.size()); }
};

// As sample_without_waiting (message.hpp), but what is more than `bytes_at_once` goes in pieces of it.
[[nodiscard]] inline std::vector<Sample> sample_pieces_without_waiting(const ProbeRun& run, const ByteStream& stream) {
    struct InPieces {
        const ByteStream& stream;

        [[nodiscard]] bool exchange(const Message& sent, Message& received) const {
            bool intact = true;
            for (std::size_t begin = 0; begin < sent.size() && intact; begin += bytes_at_once) {
                const std::size_t size = std::min<std::size_t>(bytes_at_once, sent.size() - begin);
                intact = stream.send(sent.bytes() + begin, size) && stream.receive(received.bytes() + begin, size);
            }
            return intact;
        }
    };
    return sample_exchanges(run, InPieces{stream});
}

} // namespace switchyard::native
