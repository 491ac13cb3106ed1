#include "formats/scenario/communication.hpp"

#include "formats/scenario/operations.hpp"
#include "formats/scenario/values.hpp"
#include "models/scenario/scenario.hpp"

#include <array>
#include <limits>

namespace switchyard::formats {

namespace {

Bytes size_or_none(const Node* node) { return node ? read_size(*node) : Bytes{}; }

std::uint32_t read_count(const Node& node) {
    return static_cast<std::uint32_t>(read_integer(node, 1, std::numeric_limits<std::uint32_t>::max()));
}

// Whether an amount, or what a distribution is made of, is written with a unit of time.
bool is_time(const Node& node) {
    if (!node.is_scalar()) return !node.children.empty() && is_time(node.children.front());
    return node.text.find_first_not_of("0123456789.+-eE") != std::string::npos;
}

} // namespace

Channel read_channel(const Node& node) {
    const Node& kind = node.is_map() ? *node.find("kind") : node;
    Channel channel = default_channel(node.key, read_enumeration<ChannelKind, channel_kinds>(kind, "kind of channel"));
    if (!node.is_map()) return channel;
    if (const Node* capacity = node.find("capacity")) channel.capacity = read_size(*capacity);
    if (const Node* messages = node.find("messages")) channel.messages = read_count(*messages);
    if (const Node* size = node.find("message_size")) channel.message_size = read_size(*size);
    if (const Node* link = node.find("link")) {
        if (const Node* latency = link->find("latency")) channel.link.latency = read_time(*latency);
        if (const Node* bandwidth = link->find("bandwidth"))
            channel.link.bytes_per_second = read_size(*bandwidth).count;
    }
    placed(node.key_location(), [&] { validate(channel); });
    return channel;
}

void read_pipes(const Node& node, std::vector<Channel>& channels) {
    for (const Node& child : node.children) {
        const Node& capacity = child.is_map() ? *child.find("capacity") : child;
        Channel pipe = default_channel(child.key, ChannelKind::pipe);
        pipe.capacity = read_size(capacity);
        if (pipe.capacity < Bytes{1}) throw InputError("a pipe holds at least 1B", capacity.location());
        add_channel(channels, std::move(pipe));
    }
}

void read_channels(const Node& node, std::vector<Channel>& channels) {
    for (const Node& child : node.children) add_channel(channels, read_channel(child));
}

std::vector<Device> read_devices(const Node& node) {
    std::vector<Device> devices;
    for (const Node& child : node.children) {
        const Node* service = child.find("service"); // absent: a plain time or a distribution
        Device device{.name = child.key,
                      .service = read_distribution(service ? *service : child, DrawnUnit::time),
                      .parallel = 1,
                      .depth = 0};
        if (const Node* parallel = child.find("parallel")) device.parallel = read_count(*parallel);
        if (const Node* depth = child.find("depth")) device.depth = read_count(*depth);
        placed(child.key_location(), [&] { validate(device); });
        devices.push_back(std::move(device));
    }
    return devices;
}

std::vector<RequestAmount> read_requests(const Node& node) {
    std::vector<RequestAmount> amounts;
    for (const Node& child : node.children)
        amounts.push_back({child.key, read_distribution(child, is_time(child) ? DrawnUnit::time : DrawnUnit::count)});
    return amounts;
}

std::optional<OfRequest> read_of_request(const Node& node) {
    static constexpr std::string_view prefix = "request.";
    if (!node.is_scalar() || !node.text.starts_with(prefix)) return std::nullopt;
    return OfRequest{node.text.substr(prefix.size())};
}

bool read_asynchronous(const Node* style) {
    static constexpr std::array<std::string_view, 2> words{"blocking", "asynchronous"};
    return style && read_word(*style, "style", words) == 1;
}

// "send: ready" is for what has no size.
void read_send(const Node& value, ProgramBuilder& program) {
    if (value.is_scalar()) {
        program.send(value.text);
        return;
    }
    static constexpr std::array<std::string_view, 2> breaks{"die", "continue"};
    const Node* on_break = value.find("on_break");
    program.send(value.find("to")->text, size_or_none(value.find("size")),
                 {.asynchronous = read_asynchronous(value.find("style")),
                  .ignores_break = on_break && read_word(*on_break, "word after 'on_break'", breaks) == 1});
}

void read_receive(const Node& value, ProgramBuilder& program) {
    if (value.is_scalar())
        program.receive(value.text);
    else
        program.receive(value.find("from")->text, size_or_none(value.find("size")),
                        read_asynchronous(value.find("style")));
}

void read_for_each(const Node& value, ProgramBuilder& program) {
    program.for_each(
        value.find("receive")->text, size_or_none(value.find("size")),
        [&](ProgramBuilder& body) { read_operations(*value.find("do"), body); },
        read_asynchronous(value.find("style")));
}

void read_close(const Node& value, ProgramBuilder& program) {
    static constexpr std::array<std::string_view, 3> ends{"sending", "receiving", "both"};
    const std::string& name = value.is_scalar() ? value.text : value.find("channel")->text;
    const Node* end = value.is_scalar() ? nullptr : value.find("end");
    if (end)
        program.close(name, static_cast<ChannelEnd>(read_word(*end, "end", ends)));
    else
        program.close(name);
}

void read_io(const Node& value, ProgramBuilder& program) {
    if (value.is_scalar()) {
        program.io(value.text);
        return;
    }
    const std::string& device = value.find("device")->text;
    const Node* style_word = value.find("style");
    const WaitStyle style =
        style_word ? read_enumeration<WaitStyle, wait_styles>(*style_word, "style") : WaitStyle::blocking;
    const Node* length = value.find("for");
    if (!length)
        program.io(device, style);
    else if (const std::optional<OfRequest> amount = read_of_request(*length))
        program.io(device, style, *amount);
    else
        program.io(device, style, read_distribution(*length, DrawnUnit::time));
}

} // namespace switchyard::formats
