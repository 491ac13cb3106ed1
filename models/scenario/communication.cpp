#include "models/scenario/communication.hpp"

#include "models/errors.hpp"
#include "models/units/text.hpp"

#include <array>
#include <fmt/format.h>
#include <utility>

namespace switchyard {

std::string_view name_of(ChannelKind kind) {
    static constexpr std::array<std::string_view, channel_kinds> names{
        "pipe",          "fifo", "message-queue", "system-v-queue", "unix-stream",
        "unix-datagram", "tcp",  "eventfd",       "signal",         "queue"};
    return names[static_cast<std::size_t>(kind)];
}

std::string_view name_of(WaitStyle style) {
    static constexpr std::array<std::string_view, wait_styles> names{"blocking", "polling", "readiness", "completion"};
    return names[static_cast<std::size_t>(style)];
}

bool has_messages(ChannelKind kind) {
    switch (kind) {
    case ChannelKind::pipe:
    case ChannelKind::fifo:
    case ChannelKind::unix_stream:
    case ChannelKind::tcp: return false;
    default: return true;
    }
}

bool carries_data(ChannelKind kind) { return kind != ChannelKind::eventfd && kind != ChannelKind::signal; }

bool is_two_way(ChannelKind kind) {
    return kind == ChannelKind::unix_stream || kind == ChannelKind::unix_datagram || kind == ChannelKind::tcp;
}

bool has_ends(ChannelKind kind) { return kind == ChannelKind::pipe || kind == ChannelKind::fifo || is_two_way(kind); }

Channel default_channel(std::string name, ChannelKind kind) {
    Channel channel;
    channel.name = std::move(name);
    channel.kind = kind;
    switch (kind) {
    case ChannelKind::message_queue:
        channel.messages = 10;
        channel.message_size = Bytes{8192};
        break;
    case ChannelKind::system_v_queue:
        channel.capacity = Bytes{16384};
        channel.message_size = Bytes{8192};
        break;
    case ChannelKind::unix_datagram: channel.messages = 10; [[fallthrough]];
    case ChannelKind::unix_stream: channel.capacity = Bytes{212992}; break;
    case ChannelKind::tcp: channel.capacity = Bytes{4194304}; break;
    default: break;
    }
    return channel;
}

DrawKey request_key(std::uint64_t seed, std::uint32_t amount, std::uint32_t request) {
    // No template and no operation has these numbers: most_tasks, most_operations.
    return {.seed = seed, .task = ~amount, .instance = request, .operation = ~std::uint32_t{1}, .draw = 0};
}

void validate(const Channel& channel) {
    if (channel.capacity.count < 1)
        throw InputError(fmt::format("{} '{}' cannot hold {} bytes: write 1 or more", name_of(channel.kind),
                                     channel.name, channel.capacity.count));
    if (channel.message_size.count < 0)
        throw InputError(
            fmt::format("{} '{}': a message cannot be smaller than nothing", name_of(channel.kind), channel.name));
    if (channel.message_size.count > 0 && (!has_messages(channel.kind) || !carries_data(channel.kind)))
        throw InputError(fmt::format("{} '{}' has no messages of any size: leave 'message_size' away",
                                     name_of(channel.kind), channel.name));
    if (channel.messages > 0 && !has_messages(channel.kind))
        throw InputError(
            fmt::format("{} '{}' is a stream of bytes: give it a 'capacity' in bytes instead of 'messages'",
                        name_of(channel.kind), channel.name));
    if (channel.link.latency < Duration::zero() || channel.link.bytes_per_second < 0)
        throw InputError(fmt::format("{} '{}': a link's latency and bandwidth cannot be negative",
                                     name_of(channel.kind), channel.name));
    if (channel.link != Link{} && channel.kind != ChannelKind::tcp)
        throw InputError(
            fmt::format("{} '{}' stays on its machine: only tcp has a 'link'", name_of(channel.kind), channel.name));
}

void validate(const Device& device) {
    if (device.parallel < 1)
        throw InputError(fmt::format("device '{}' serves nobody: write 'parallel' of 1 or more", device.name));
    if (device.depth > 0 && device.depth < device.parallel)
        throw InputError(fmt::format("device '{}' takes {} operations and serves {} at once: its depth must be at "
                                     "least as large",
                                     device.name, device.depth, device.parallel));
    try {
        validate(device.service);
    } catch (const InputError& error) {
        throw InputError(fmt::format("device '{}': {}", device.name, error.message()));
    }
}

void validate(const RequestAmount& amount) {
    try {
        validate(amount.amount);
    } catch (const InputError& error) {
        throw InputError(fmt::format("request.{}: {}", amount.name, error.message()));
    }
}

} // namespace switchyard
