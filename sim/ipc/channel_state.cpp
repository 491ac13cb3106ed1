#include "sim/ipc/channel_state.hpp"

#include <algorithm>
#include <cassert>

namespace switchyard::sim {

void ParcelQueue::push(const Parcel& parcel) {
    if (count_ == ring_.size()) {
        std::vector<Parcel> larger(std::max<std::size_t>(ring_.size() * 2, 8));
        for (std::size_t i = 0; i < count_; ++i) larger[i] = ring_[(first_ + i) & (ring_.size() - 1)];
        ring_ = std::move(larger);
        first_ = 0;
    }
    ring_[(first_ + count_++) & (ring_.size() - 1)] = parcel;
}

Parcel ParcelQueue::pop() {
    assert(count_ > 0);
    const Parcel parcel = ring_[first_];
    first_ = (first_ + 1) & (ring_.size() - 1);
    --count_;
    return parcel;
}

ChannelState make_channel(const Channel& channel, bool has_requests) {
    constexpr std::int64_t unbounded = std::numeric_limits<std::int64_t>::max() / 4;
    ChannelState state;
    state.kind = channel.kind;
    const bool counts_messages =
        channel.kind == ChannelKind::message_queue || channel.kind == ChannelKind::queue || !carries_data(channel.kind);
    state.capacity = counts_messages ? unbounded : channel.capacity.count;
    state.most_messages = channel.messages > 0 ? channel.messages : unbounded;
    state.remembers = has_requests || has_messages(channel.kind);
    return state;
}

namespace {

std::int64_t room(const ChannelState& channel) { return channel.capacity - channel.used - channel.unavailable; }

} // namespace

std::optional<std::int64_t> sendable(const ChannelState& channel, std::int64_t wanted) {
    const std::int64_t free = room(channel);
    const bool is_pipe = channel.kind == ChannelKind::pipe || channel.kind == ChannelKind::fifo;
    if (has_messages(channel.kind)) {
        // A message larger than all there is room for goes alone.
        const bool fits = wanted <= free || (channel.used == 0 && channel.unavailable == 0);
        return fits && channel.messages < channel.most_messages ? std::optional(wanted) : std::nullopt;
    }
    if (is_pipe && wanted <= std::min(atomic_pipe_write.count, channel.capacity))
        return wanted <= free ? std::optional(wanted) : std::nullopt;
    return free > 0 ? std::optional(std::min(wanted, free)) : std::nullopt;
}

std::optional<std::int64_t> receivable(const ChannelState& channel, std::int64_t wanted) {
    if (has_messages(channel.kind))
        return channel.parcels.empty() ? std::nullopt : std::optional(channel.parcels.front().size);
    return channel.used > 0 ? std::optional(std::min(wanted, channel.used)) : std::nullopt;
}

bool will_get_no_more(const ChannelState& channel) {
    if (!channel.under_way.empty()) return false;
    if (channel.kind == ChannelKind::queue) return channel.closed;
    return has_ends(channel.kind) && channel.senders == 0;
}

bool is_ended(const ChannelState& channel) {
    return channel.used == 0 && channel.messages == 0 && will_get_no_more(channel);
}

bool is_broken(const ChannelState& channel) {
    if (channel.kind == ChannelKind::queue) return channel.closed;
    return has_ends(channel.kind) && channel.receivers == 0;
}

void put(ChannelState& channel, const Parcel& parcel) {
    channel.used += parcel.size;
    if (has_messages(channel.kind)) ++channel.messages;
    if (channel.remembers) channel.parcels.push(parcel);
}

void send_away(ChannelState& channel, const Parcel& parcel) {
    channel.unavailable += parcel.size;
    channel.under_way.push(parcel);
}

void arrive(ChannelState& channel) {
    const Parcel parcel = channel.under_way.pop();
    channel.unavailable -= parcel.size;
    if (parcel.size > 0) put(channel, parcel);
}

Parcel take(ChannelState& channel, std::int64_t size, bool room_returns_later) {
    Parcel taken{size, no_request};
    channel.used -= size;
    if (has_messages(channel.kind)) {
        taken = channel.parcels.pop();
        --channel.messages;
    } else if (channel.remembers) {
        taken.request = channel.parcels.front().request;
        for (std::int64_t left = size; left > 0;) {
            Parcel& first = channel.parcels.front();
            const std::int64_t part = std::min(left, first.size);
            first.size -= part;
            left -= part;
            if (first.size == 0) static_cast<void>(channel.parcels.pop());
        }
    }
    if (room_returns_later && taken.size > 0) {
        channel.unavailable += taken.size;
        channel.returning.push(taken);
    }
    return taken;
}

void room_returned(ChannelState& channel) { channel.unavailable -= channel.returning.pop().size; }

} // namespace switchyard::sim
