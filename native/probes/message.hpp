// Messages that probes send: by one task to itself, which never waits, and to and fro between two tasks of one
// processor, which wait for each other at every message.
//
// A `Channel` carries messages one way, of as many bytes as it was made for, each in one call, and keeps each until it
// is received:
//
//     bool send(const Message&) const;   // whether all of it went
//     bool receive(Message&) const;      // whether all of one came
#pragma once

#include "models/errors.hpp"
#include "native/probes/partner.hpp"
#include "native/probes/probe.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace switchyard::native {

// Bytes at the beginning of a cache line, and before them the word that System V's queues want there.
class Message {
public:
    explicit Message(std::int64_t size, char first = 0)
        : size_(static_cast<std::size_t>(size)), lines_(2 + size_ / sizeof(Line)) {
        *kind() = 1;
        *bytes() = first;
    }

    [[nodiscard]] char* bytes() { return lines_[1].byte; }
    [[nodiscard]] const char* bytes() const { return lines_[1].byte; }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] char first() const { return *bytes(); }
    [[nodiscard]] long* kind() { return lines_[0].word + words - 1; }
    [[nodiscard]] const long* kind() const { return lines_[0].word + words - 1; }

private:
    static constexpr std::size_t words = 64 / sizeof(long);
    union alignas(64) Line {
        char byte[64] = {};
        long word[words];
    };
    std::size_t size_;
    std::vector<Line> lines_;
};

// The first byte of a message: whether another one follows.
inline constexpr char another = 'a';
inline constexpr char the_last = 'l';

// So many messages in one sample that it takes about a millisecond at most.
[[nodiscard]] inline std::int64_t messages_at_once(const ProbeRun& run) {
    constexpr std::int64_t most = 500, bytes = 4 << 20;
    return std::clamp<std::int64_t>(bytes / std::max<std::int64_t>(run.amount, 1), 1, most);
}

// `exchanger.exchange(sent, received)` sends a message to oneself, so that it comes out again.
template <class Exchange>
[[nodiscard]] std::vector<Sample> sample_exchanges(const ProbeRun& run, const Exchange& exchanger) {
    const std::int64_t messages = messages_at_once(run);
    const Message sent(run.amount, another);
    Message received(run.amount);
    bool intact = true;
    std::vector<Sample> samples = sample_batches(run, messages, [&] {
        for (std::int64_t message = 0; message < messages; ++message)
            intact = intact && exchanger.exchange(sent, received);
    });
    if (!intact || received.first() != another) throw SystemError("a message to oneself was lost");
    return samples;
}

// One message sent and received.
template <class Channel>
[[nodiscard]] std::vector<Sample> sample_without_waiting(const ProbeRun& run, const Channel& channel) {
    struct WholeMessages {
        const Channel& channel;

        [[nodiscard]] bool exchange(const Message& sent, Message& received) const {
            return channel.send(sent) && channel.receive(received);
        }
    };
    return sample_exchanges(run, WholeMessages{channel});
}

// One message handed over: sent, the other task awaiting it, and its answer awaited for as long.
template <class Channel>
[[nodiscard]] std::vector<Sample> sample_hand_overs(const ProbeRun& run, const Channel& there, const Channel& back,
                                                    PartnerKind kind = PartnerKind::thread) {
    const std::int64_t round_trips = messages_at_once(run);
    Partner partner(kind, [&] {
        Message message(run.amount);
        while (there.receive(message) && message.first() == another && back.send(message)) {
        }
    });
    Message message(run.amount, another);
    bool intact = true;
    std::vector<Sample> samples = sample_batches(run, 2 * round_trips, [&] {
        for (std::int64_t trip = 0; trip < round_trips; ++trip)
            intact = intact && there.send(message) && back.receive(message);
    });
    const bool ended = there.send(Message(run.amount, the_last));
    if (!intact || !ended) throw SystemError("a message between two tasks was lost");
    return samples;
}

} // namespace switchyard::native
