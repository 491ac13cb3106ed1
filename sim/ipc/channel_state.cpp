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

// What a Unix stream's capacity loses for each send besides its data: sk_buff and the head of its buffer, where the
// data are whole pages; measured as SIOCOUTQ tells (unix(7)), Linux 6.18 on x86-64.
constexpr std::int64_t kept_besides_each_send = 768;

constexpr std::int64_t bytes_of_page = 4096;
constexpr std::int64_t most_spare_pages = 2;

bool is_a_pipe(const ChannelState& channel) {
    return channel.kind == ChannelKind::pipe || channel.kind == ChannelKind::fifo;
}

std::int64_t occupied(const ChannelState& channel) { return channel.used + channel.besides + channel.unavailable; }

std::int64_t room_in(const ChannelState& channel) { return channel.capacity - occupied(channel); }

std::int64_t pages_for(std::int64_t bytes) { return (bytes + bytes_of_page - 1) / bytes_of_page; }

} // namespace

std::optional<std::int64_t> sendable(const ChannelState& channel, std::int64_t wanted) {
    const std::int64_t free = room_in(channel);
    if (has_messages(channel.kind)) {
        // A message larger than all there is room for goes alone.
        const bool fits = wanted <= free || (channel.used == 0 && channel.unavailable == 0);
        return fits && channel.messages < channel.most_messages ? std::optional(wanted) : std::nullopt;
    }
    if (is_a_pipe(channel) && wanted <= std::min(atomic_pipe_write.count, channel.capacity))
        return wanted <= free ? std::optional(wanted) : std::nullopt;
    if (free <= 0) return std::nullopt;
    // A Unix stream's pieces of up to half its capacity go whole where there is any room (unix_stream_sendmsg).
    return std::min(wanted, channel.kind == ChannelKind::unix_stream ? std::max(free, channel.capacity / 2) : free);
}

std::optional<std::int64_t> receivable(const ChannelState& channel, std::int64_t wanted) {
    if (has_messages(channel.kind))
        return channel.parcels.empty() ? std::nullopt : std::optional(channel.parcels.front().size);
    return channel.used > 0 ? std::optional(std::min(wanted, channel.used)) : std::nullopt;
}

bool wakes_senders(const ChannelState& channel) {
    if (channel.kind == ChannelKind::unix_stream) return occupied(channel) <= channel.capacity / 4;
    if (channel.kind == ChannelKind::tcp) return 3 * occupied(channel) <= 2 * channel.capacity;
    return true;
}

std::int64_t pages_to_get(const ChannelState& channel, std::int64_t bytes) {
    if (!is_a_pipe(channel)) return 0;
    const std::int64_t needed = pages_for(channel.used + bytes) - pages_for(channel.used);
    return std::max<std::int64_t>(needed - channel.spare_pages, 0);
}

std::int64_t pages_to_give_back(const ChannelState& channel, std::int64_t bytes) {
    if (!is_a_pipe(channel)) return 0;
    const std::int64_t emptied = pages_for(channel.used) - pages_for(channel.used - bytes);
    return std::max<std::int64_t>(emptied + channel.spare_pages - most_spare_pages, 0);
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
    const std::int64_t pages = pages_for(channel.used + parcel.size) - pages_for(channel.used);
    channel.spare_pages = std::max<std::int64_t>(channel.spare_pages - pages, 0);
    channel.used += parcel.size;
    if (channel.kind == ChannelKind::unix_stream) channel.besides += kept_besides_each_send;
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
    const std::int64_t pages = pages_for(channel.used) - pages_for(channel.used - size);
    channel.spare_pages = std::min(channel.spare_pages + pages, most_spare_pages);
    if (channel.used > 0) channel.besides -= channel.besides * size / channel.used; // all sends are taken to be alike
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
