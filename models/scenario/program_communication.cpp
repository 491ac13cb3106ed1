// The part of ProgramBuilder that is about channels, devices and requests.
#include "models/errors.hpp"
#include "models/scenario/program.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace switchyard {

ProgramBuilder& ProgramBuilder::acquire(std::string_view semaphore, bool asynchronous) {
    append_about(OperationKind::acquire, object(semaphore, objects_.semaphores, "semaphore"));
    program_.code.back().asynchronous = asynchronous;
    return *this;
}

ProgramBuilder& ProgramBuilder::release(std::string_view semaphore) {
    return append_about(OperationKind::release, object(semaphore, objects_.semaphores, "semaphore"));
}

// --- Channels ----------------------------------------------------------------------------------------------------

// A socket's name alone does not say whose end it is.
std::uint32_t ProgramBuilder::channel(std::string_view name, ChannelEnd end) const {
    const std::vector<Channel>& channels = objects_.channels;
    const auto found = std::ranges::find(channels, name, &Channel::name);
    if (found == channels.end()) {
        const auto names_its_ends = [&](const Channel& one) {
            return one.peer != no_channel && one.name.starts_with(name) && one.name.substr(name.size()) == ".client";
        };
        if (std::ranges::any_of(channels, names_its_ends))
            throw InputError(fmt::format("'{0}' has two ends: write {0}.client or {0}.server", name));
        std::vector<std::string_view> names;
        for (const Channel& one : channels) names.push_back(one.name);
        throw InputError(fmt::format("no channel is called '{}'{}: declare it among the channels of the scenario", name,
                                     suggestion(name, names)));
    }
    const bool from_peer = end == ChannelEnd::receiving && found->peer != no_channel;
    return from_peer ? found->peer : static_cast<std::uint32_t>(found - channels.begin());
}

// The operation with its amount, which a message to be received has not.
Operation& ProgramBuilder::append_transfer(OperationKind kind, std::uint32_t index, Bytes size) {
    const Channel& channel = objects_.channels[index];
    const bool sends = kind == OperationKind::send;
    const bool is_sized = sends ? carries_data(channel.kind) : !has_messages(channel.kind);
    const std::string_view verb = name_of(kind);
    if (is_sized && size.count <= 0)
        throw InputError(fmt::format("{}: {} bytes cannot be moved through '{}': write a size of at least 1B", verb,
                                     size.count, channel.name));
    if (!is_sized && size.count != 0)
        throw InputError(sends ? fmt::format("{}: nothing has a size that is sent through an {}: leave it away", verb,
                                             name_of(channel.kind))
                               : fmt::format("{}: a {} gives one message, whatever its size: leave the size away", verb,
                                             name_of(channel.kind)));
    if (channel.message_size.count > 0 && size > channel.message_size)
        throw InputError(fmt::format("{}: a message of {} is larger than '{}' takes, {} (EMSGSIZE)", verb,
                                     text_of(size), channel.name, text_of(channel.message_size)));
    const std::uint32_t bytes = amount(Distribution::constant(size.count), verb);
    Operation& operation = append(kind);
    operation.amount = bytes;
    operation.object = index;
    return operation;
}

ProgramBuilder& ProgramBuilder::send(std::string_view name, Bytes size, const SendOptions& options) {
    Operation& operation = append_transfer(OperationKind::send, channel(name, ChannelEnd::sending), size);
    operation.asynchronous = options.asynchronous;
    operation.ignores_break = options.ignores_break;
    return *this;
}

ProgramBuilder& ProgramBuilder::receive(std::string_view name, Bytes size, bool asynchronous) {
    append_transfer(OperationKind::receive, channel(name, ChannelEnd::receiving), size).asynchronous = asynchronous;
    return *this;
}

ProgramBuilder& ProgramBuilder::for_each(std::string_view name, Bytes size, const Body& body, bool asynchronous) {
    const auto opener = static_cast<std::uint32_t>(program_.code.size());
    append_transfer(OperationKind::for_each, channel(name, ChannelEnd::receiving), size).asynchronous = asynchronous;
    opened(opener, body, OperationKind::jump);
    if (Operation& last = program_.code.back(); last.kind == OperationKind::jump) last.target = opener;
    return *this;
}

ProgramBuilder& ProgramBuilder::close(std::string_view name, std::optional<ChannelEnd> end) {
    const std::uint32_t index = channel(name, ChannelEnd::sending);
    const Channel& closed = objects_.channels[index];
    if (!has_ends(closed.kind) && closed.kind != ChannelKind::queue)
        throw InputError(
            fmt::format("close: a {} has no ends: it is there as long as the kernel is", name_of(closed.kind)));
    Operation& operation = append(OperationKind::close);
    operation.object = index;
    operation.end = end.value_or(is_two_way(closed.kind) ? ChannelEnd::both : ChannelEnd::sending);
    return *this;
}

// --- Devices -----------------------------------------------------------------------------------------------------

std::uint32_t ProgramBuilder::device(std::string_view name) const {
    std::vector<std::string> names;
    for (const Device& one : objects_.devices) names.push_back(one.name);
    return object(name, names, "device");
}

ProgramBuilder& ProgramBuilder::io(std::string_view name, WaitStyle style) {
    return io(name, style, objects_.devices[device(name)].service);
}

ProgramBuilder& ProgramBuilder::io(std::string_view name, WaitStyle style, Distribution service) {
    const std::uint32_t index = device(name);
    const std::uint32_t time = amount(std::move(service), "io");
    Operation& operation = append(OperationKind::io);
    operation.amount = time;
    operation.object = index;
    operation.style = style;
    return *this;
}

ProgramBuilder& ProgramBuilder::io(std::string_view name, WaitStyle style, const OfRequest& service) {
    io(name, style, of_request(service));
    return make_of_request(service), *this;
}

// --- Requests ----------------------------------------------------------------------------------------------------

std::uint32_t ProgramBuilder::request_amount(const OfRequest& amount) const {
    std::vector<std::string> names;
    for (const RequestAmount& one : objects_.request_amounts) names.push_back(one.name);
    const auto found = std::ranges::find(names, amount.name);
    if (found != names.end()) return static_cast<std::uint32_t>(found - names.begin());
    const std::vector<std::string_view> candidates(names.begin(), names.end());
    throw InputError(fmt::format("a request has no '{}'{}: declare it among the requests' amounts", amount.name,
                                 suggestion(amount.name, candidates)));
}

const Distribution& ProgramBuilder::of_request(const OfRequest& amount) const {
    return objects_.request_amounts[request_amount(amount)].amount;
}

void ProgramBuilder::make_of_request(const OfRequest& amount) {
    Operation& operation = program_.code.back();
    operation.of_request = true;
    operation.slot = request_amount(amount);
}

ProgramBuilder& ProgramBuilder::begin_request() { return append(OperationKind::begin_request), *this; }
ProgramBuilder& ProgramBuilder::end_request() { return append(OperationKind::end_request), *this; }

} // namespace switchyard
