// What is in a channel, and who may still come to it: without time, and without knowing tasks.
//
// A stream is a count of bytes. Messages, and what is sent into a stream where there are requests to be told apart, lie
// in a ring that is as large as it ever had to be.
#pragma once

#include "models/scenario/communication.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace switchyard::sim {

using RequestId = std::uint32_t;
inline constexpr RequestId no_request = std::numeric_limits<RequestId>::max();

// What one send puts into a channel, and for which request.
struct Parcel {
    std::int64_t size = 0; // bytes
    RequestId request = no_request;
};

// First in, first out.
class ParcelQueue {
public:
    void push(const Parcel& parcel);
    [[nodiscard]] Parcel pop();
    [[nodiscard]] Parcel& front() { return ring_[first_]; }
    [[nodiscard]] const Parcel& front() const { return ring_[first_]; }
    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] std::size_t size() const { return count_; }

private:
    std::vector<Parcel> ring_; // a power of two of them
    std::size_t first_ = 0;
    std::size_t count_ = 0;
};

struct ChannelState {
    ChannelKind kind = ChannelKind::pipe;
    std::int64_t capacity = 0;      // bytes; the largest number there is where only messages are counted
    std::int64_t most_messages = 0; // likewise
    std::int64_t used = 0;          // bytes to be received
    std::int64_t unavailable = 0;   // bytes of the capacity that are under way, there or back
    std::int64_t besides = 0;       // bytes of the capacity that the kernel keeps for what is in it, besides the data
    std::int64_t spare_pages = 0;   // of a pipe: emptied ones it has kept for the next writes
    std::int64_t messages = 0;      // to be received
    bool remembers = false;         // `parcels` are kept
    bool closed = false;            // a queue: nobody may send any more
    std::uint32_t senders = 0;      // processes that hold the sending end
    std::uint32_t receivers = 0;    // likewise
    ParcelQueue parcels;
    ParcelQueue under_way; // over a link, not there yet
    ParcelQueue returning; // its room, of which the sender has still to hear
};

// Streams remember what was sent by whom where `has_requests`.
[[nodiscard]] ChannelState make_channel(const Channel& channel, bool has_requests);

// How much of `wanted` bytes could be sent now; nothing where the sender has to wait. A message goes whole or not at
// all, and so does a small write into a pipe (PIPE_BUF).
[[nodiscard]] std::optional<std::int64_t> sendable(const ChannelState& channel, std::int64_t wanted);

// How much could be received now: of a stream at most `wanted` bytes, else the first message.
[[nodiscard]] std::optional<std::int64_t> receivable(const ChannelState& channel, std::int64_t wanted);

// Whether one who waits for room is woken now. A pipe wakes for any room, a Unix stream not before no more than a
// quarter of its capacity is in use (unix_writable, net/unix/af_unix.c), TCP not before a third is free
// (sk_stream_is_writeable, include/net/sock.h): so a sender comes back seldom and then for long.
[[nodiscard]] bool wakes_senders(const ChannelState& channel);

// The pages a pipe has to get from the kernel to hold `bytes` more, and gives back with the next `bytes` that are
// received. A write fills up the last page; two emptied pages stay with the pipe (anon_pipe_get_page and _put_page,
// fs/pipe.c, since Linux 6.15). None for what is no pipe.
[[nodiscard]] std::int64_t pages_to_get(const ChannelState& channel, std::int64_t bytes);
[[nodiscard]] std::int64_t pages_to_give_back(const ChannelState& channel, std::int64_t bytes);

// Nobody is left who could send, or could receive.
[[nodiscard]] bool will_get_no_more(const ChannelState& channel); // and nothing is under way
[[nodiscard]] bool is_ended(const ChannelState& channel);         // and there is nothing left, either
[[nodiscard]] bool is_broken(const ChannelState& channel);

// `size` bytes go in; or leave for the other end of a link, and `arrive` in the order in which they left.
void put(ChannelState& channel, const Parcel& parcel);
void send_away(ChannelState& channel, const Parcel& parcel);
void arrive(ChannelState& channel);

// Takes what `receivable` has said; whose request it is follows from its first byte. Over a link the room is not free
// before the sender has heard of it (`room_returned`), in the order in which it was made.
[[nodiscard]] Parcel take(ChannelState& channel, std::int64_t size, bool room_returns_later);
void room_returned(ChannelState& channel);

} // namespace switchyard::sim
