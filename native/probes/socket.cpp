// Sockets: Unix ones in pairs without a name, TCP over the loopback device. By one task that never waits, and between
// two.
#include "native/probes/byte_stream.hpp"
#include "native/probes/primitives.hpp"

#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace switchyard::native {

namespace {

template <class Value>
void set(const Descriptor& socket, int level, int option, const Value& value) {
    if (setsockopt(socket.number(), level, option, &value, sizeof value) != 0)
        throw SystemError::from_errno("setting a socket's option", errno);
}

Descriptor open_socket(int domain, int type) {
    Descriptor opened(socket(domain, type | SOCK_CLOEXEC, 0));
    if (opened.number() < 0) throw SystemError::from_errno("opening a socket", errno);
    return opened;
}

ByteStream open_unix(int type) {
    int ends[2];
    if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) != 0)
        throw SystemError::from_errno("opening a pair of sockets", errno);
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

// Connected through a listening socket whose port the kernel chooses. It is reset at the end, so that the kernel does
// not remember it for a minute.
ByteStream open_tcp() {
    const Descriptor listening = open_socket(AF_INET, SOCK_STREAM);
    Descriptor in = open_socket(AF_INET, SOCK_STREAM);
    for (const Descriptor* const end : {&listening, static_cast<const Descriptor*>(&in)}) { // the accepted one inherits
        set(*end, SOL_SOCKET, SO_LINGER, linger{1, 0});
        set(*end, IPPROTO_TCP, TCP_NODELAY, 1);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (bind(listening.number(), any, length) != 0 || listen(listening.number(), 1) != 0 ||
        getsockname(listening.number(), any, &length) != 0 || connect(in.number(), any, length) != 0)
        throw SystemError::from_errno("connecting over the loopback device", errno);
    Descriptor out(accept4(listening.number(), nullptr, nullptr, SOCK_CLOEXEC));
    if (out.number() < 0) throw SystemError::from_errno("accepting a connection", errno);
    return {std::move(in), std::move(out)};
}

} // namespace

std::vector<Sample> measure_unix_stream_alone(const ProbeRun& run) {
    return sample_pieces_without_waiting(run, open_unix(SOCK_STREAM));
}
std::vector<Sample> measure_unix_stream_between_threads(const ProbeRun& run) {
    return sample_hand_overs(run, open_unix(SOCK_STREAM), open_unix(SOCK_STREAM));
}

std::vector<Sample> measure_unix_datagram_alone(const ProbeRun& run) {
    return sample_without_waiting(run, open_unix(SOCK_DGRAM));
}
std::vector<Sample> measure_unix_datagram_between_threads(const ProbeRun& run) {
    return sample_hand_overs(run, open_unix(SOCK_DGRAM), open_unix(SOCK_DGRAM));
}

std::vector<Sample> measure_unix_packets_alone(const ProbeRun& run) {
    return sample_without_waiting(run, open_unix(SOCK_SEQPACKET));
}

std::vector<Sample> measure_tcp_one_way(const ProbeRun& run) { return sample_pieces_without_waiting(run, open_tcp()); }

// To and fro, so that the acknowledgement of each message goes along with the next one.
std::vector<Sample> measure_tcp_alone(const ProbeRun& run) {
    struct ToAndFro {
        const ByteStream& there;
        mutable bool back = false;

        [[nodiscard]] bool exchange(const Message& sent, Message& received) const {
            bool intact = true;
            for (std::size_t begin = 0; begin < sent.size() && intact; begin += bytes_at_once, back = !back) {
                const std::size_t size = std::min<std::size_t>(bytes_at_once, sent.size() - begin);
                const int from = (back ? there.out : there.in).number(), to = (back ? there.in : there.out).number();
                intact = write_all(from, sent.bytes() + begin, size) && read_all(to, received.bytes() + begin, size);
            }
            return intact;
        }
    };
    const ByteStream stream = open_tcp();
    return sample_exchanges(run, ToAndFro{stream});
}
std::vector<Sample> measure_tcp_between_threads(const ProbeRun& run) {
    return sample_hand_overs(run, open_tcp(), open_tcp());
}

} // namespace switchyard::native
