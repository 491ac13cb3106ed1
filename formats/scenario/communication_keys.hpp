// The words of scenario files that are about channels, devices and requests: a part of the tables of keys.cpp.
#pragma once

#include "formats/scenario/keys.hpp"

#include <array>

namespace switchyard::formats {

// operations ---------------------------------------------------------------------------------------------------------

inline constexpr std::array send_keys{
    KeyDescription{"to", ValueType::name, "the channel; of a socket, the own end: s.client or s.server", true},
    KeyDescription{"size", ValueType::size, "how much"},
    KeyDescription{"style", ValueType::text,
                   "blocking: the whole thread waits for room; asynchronous: only this "
                   "coroutine or fiber"},
    KeyDescription{"on_break", ValueType::text,
                   "when nobody is left to receive: die (SIGPIPE, as by default) or continue (SIGPIPE ignored)"},
};
inline constexpr std::array receive_keys{
    KeyDescription{"from", ValueType::name, "the channel; of a socket, the own end: s.client or s.server", true},
    KeyDescription{"size", ValueType::size, "how much of a stream; where there are messages, one is taken"},
    KeyDescription{"style", ValueType::text,
                   "blocking: the whole thread waits; asynchronous: only this coroutine or "
                   "fiber"},
};
inline constexpr std::array for_each_keys{
    KeyDescription{"receive", ValueType::name, "the channel, until nobody is left to send", true},
    KeyDescription{"size", ValueType::size, "how much of a stream each time"},
    KeyDescription{"style", ValueType::text, "blocking or asynchronous, as for 'receive'"},
    KeyDescription{"do", ValueType::operations, "what is done with each", true},
};
inline constexpr std::array close_keys{
    KeyDescription{"channel", ValueType::name, "whose end the process gives up", true},
    KeyDescription{"end", ValueType::text, "sending, receiving or both; by default sending, of a socket both"},
};
inline constexpr std::array io_keys{
    KeyDescription{"device", ValueType::name, "which", true},
    KeyDescription{"style", ValueType::text, "blocking, polling, readiness (epoll) or completion (io_uring)"},
    KeyDescription{"for", ValueType::drawn_time, "the device's time; by default drawn as the device says"},
};
inline constexpr MapDescription send_map{.name = "'send'", .about = "what goes into a channel", .keys = send_keys};
inline constexpr MapDescription receive_map{
    .name = "'receive'", .about = "what is taken out of a channel", .keys = receive_keys};
inline constexpr MapDescription for_each_map{
    .name = "'for_each'", .about = "all there is to receive", .keys = for_each_keys};
inline constexpr MapDescription close_map{.name = "'close'", .about = "an end given up", .keys = close_keys};
inline constexpr MapDescription io_map{.name = "'io'", .about = "something a device does", .keys = io_keys};

// the scenario -------------------------------------------------------------------------------------------------------

inline constexpr std::array link_keys{
    KeyDescription{"latency", ValueType::time, "of each byte on its way"},
    KeyDescription{"bandwidth", ValueType::size, "a second; without bound by default"},
};
inline constexpr MapDescription link_map{
    .name = "'link'", .about = "the way to another machine; simulated only", .keys = link_keys};
inline constexpr std::array channel_keys{
    KeyDescription{
        "kind", ValueType::text,
        "pipe, fifo, message-queue, system-v-queue, unix-stream, unix-datagram, tcp, eventfd, signal or queue", true},
    KeyDescription{"capacity", ValueType::size, "how much it holds before a sender has to wait; Linux's by default"},
    KeyDescription{"messages", ValueType::integer, "how many messages it holds"},
    KeyDescription{"message_size", ValueType::size, "the largest message"},
    KeyDescription{"link", ValueType::map, "tcp: the way to another machine", false, &link_map},
};
inline constexpr MapDescription channel_map{
    .name = "a channel", .about = "what tasks send each other data through", .keys = channel_keys};
inline constexpr MapDescription channels_map{
    .name = "'channels'",
    .about = "channels by name",
    .keys = {},
    .others = OtherKeys::names,
    .other = {"", ValueType::name_or_map, "its kind", false, &channel_map},
};
inline constexpr std::array pipe_keys{
    KeyDescription{"capacity", ValueType::size, "how much it holds before a sender has to wait", true},
};
inline constexpr MapDescription pipe_map{.name = "a pipe", .about = "a byte stream with a bound", .keys = pipe_keys};
inline constexpr MapDescription pipes_map{
    .name = "'pipes'",
    .about = "channels of kind pipe, by name",
    .keys = {},
    .others = OtherKeys::names,
    .other = {"", ValueType::size_or_map, "its capacity", false, &pipe_map},
};
inline constexpr std::array device_keys{
    KeyDescription{"service", ValueType::drawn_time, "how long it takes for one operation", true},
    KeyDescription{"parallel", ValueType::integer, "how many it serves at once: 1 by default"},
    KeyDescription{"depth", ValueType::integer,
                   "how many it takes at most, in service or waiting; without bound by "
                   "default"},
};
inline constexpr MapDescription device_map{
    .name = "a device", .about = "something outside the processors that takes its time", .keys = device_keys};
inline constexpr MapDescription devices_map{
    .name = "'devices'",
    .about = "devices by name",
    .keys = {},
    .others = OtherKeys::names,
    .other = {"", ValueType::time_or_map, "its service time", false, &device_map},
};
inline constexpr MapDescription requests_map{
    .name = "'requests'",
    .about = "amounts that belong to each request: 'compute: request.NAME'",
    .keys = {},
    .others = OtherKeys::names,
    .other = {"", ValueType::drawn_time, "a time, a count, or a distribution of either"},
};

} // namespace switchyard::formats
