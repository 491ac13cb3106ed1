// What a channel lets through, kind by kind: pipe(7), mq_overview(7), msgsnd(2), unix(7).
#include "sim/ipc/channel_state.hpp"

#include <catch2/catch_test_macros.hpp>
#include <functional>

using namespace switchyard;
using namespace switchyard::sim;

namespace {

ChannelState with(ChannelKind kind, const std::function<void(Channel&)>& adjust = {}) {
    Channel channel = default_channel("c", kind);
    if (adjust) adjust(channel);
    return make_channel(channel, true);
}

} // namespace

TEST_CASE("A small write into a pipe goes whole or not at all, a large one as far as there is room") {
    for (const ChannelKind kind : {ChannelKind::pipe, ChannelKind::fifo}) {
        ChannelState pipe = with(kind);
        CHECK(sendable(pipe, 100'000) == 65536);
        put(pipe, {65536 - 100, no_request});
        CHECK_FALSE(sendable(pipe, 4096));
        CHECK(sendable(pipe, 4097) == 100);
        CHECK(sendable(pipe, 100) == 100);
    }
    ChannelState stream = with(ChannelKind::tcp, [](auto& channel) { channel.capacity = Bytes{1000}; });
    put(stream, {900, no_request});
    CHECK(sendable(stream, 500) == 100);
}

TEST_CASE("A Unix stream takes pieces of half its capacity whole while there is room, and keeps more than the data") {
    ChannelState stream = with(ChannelKind::unix_stream, [](auto& channel) { channel.capacity = Bytes{212992}; });
    int sends = 0;
    for (; sendable(stream, 4096) == 4096; ++sends) put(stream, {4096, no_request});
    CHECK(sends == 44); // as many as Linux 6.18 takes without blocking
    CHECK_FALSE(sendable(stream, 1));
    for (int received = 0; received < 33; ++received) {
        CHECK_FALSE(wakes_senders(stream));
        static_cast<void>(take(stream, 4096, false));
    }
    static_cast<void>(take(stream, 4096, false));
    CHECK(wakes_senders(stream)); // a quarter and no more is in use
    CHECK(sendable(with(ChannelKind::unix_stream), 1 << 20) == 212992);
    while (stream.used > 0) static_cast<void>(take(stream, 4096, false));
    CHECK(stream.besides == 0);
}

TEST_CASE("TCP wakes its sender when a third of the buffer is free, a pipe for any room") {
    ChannelState connection = with(ChannelKind::tcp, [](auto& channel) { channel.capacity = Bytes{3000}; });
    put(connection, {3000, no_request});
    static_cast<void>(take(connection, 999, false));
    CHECK_FALSE(wakes_senders(connection));
    static_cast<void>(take(connection, 1, false));
    CHECK(wakes_senders(connection));
    ChannelState pipe = with(ChannelKind::pipe);
    put(pipe, {65536, no_request});
    CHECK(wakes_senders(pipe));
}

TEST_CASE("A pipe keeps two emptied pages and gets the others") {
    ChannelState pipe = with(ChannelKind::pipe);
    CHECK(pages_to_get(pipe, 65536) == 16);
    put(pipe, {65536, no_request});
    CHECK(pages_to_give_back(pipe, 4096) == 0);
    CHECK(pages_to_give_back(pipe, 65536) == 14);
    static_cast<void>(take(pipe, 65536, false));
    CHECK(pages_to_get(pipe, 8192) == 0);
    CHECK(pages_to_get(pipe, 65536) == 14);
    put(pipe, {1, no_request});
    CHECK(pages_to_get(pipe, 4095) == 0); // in the same page
    CHECK(pages_to_get(pipe, 4096 + 4096) == 1);
    ChannelState socket = with(ChannelKind::unix_stream);
    CHECK(pages_to_get(socket, 65536) == 0);
}

TEST_CASE("A stream forgets where one send ended and the next began; what it was for is known by its first byte") {
    ChannelState pipe = with(ChannelKind::pipe);
    put(pipe, {10, 1});
    put(pipe, {10, 2});
    CHECK(receivable(pipe, 15) == 15);
    CHECK(take(pipe, 15, false).request == 1);
    CHECK(receivable(pipe, 100) == 5);
    CHECK(take(pipe, 5, false).request == 2);
    CHECK_FALSE(receivable(pipe, 1));
}

TEST_CASE("Messages stay apart, in number and in size") {
    ChannelState queue = with(ChannelKind::message_queue);
    for (RequestId message = 0; message < 10; ++message) {
        REQUIRE(sendable(queue, 8192));
        put(queue, {100 + message, message});
    }
    CHECK_FALSE(sendable(queue, 1)); // msg_max
    for (RequestId message = 0; message < 10; ++message) {
        REQUIRE(receivable(queue, 0) == 100 + message);
        CHECK(take(queue, 100 + message, false).request == message);
    }
    CHECK_FALSE(receivable(queue, 0));

    ChannelState system_v = with(ChannelKind::system_v_queue);
    put(system_v, {8192, no_request});
    put(system_v, {8000, no_request});
    CHECK_FALSE(sendable(system_v, 193)); // msgmnb
    CHECK(sendable(system_v, 192));
}

TEST_CASE("An eventfd counts, a signal is queued: neither carries anything, and neither ends") {
    for (const ChannelKind kind : {ChannelKind::eventfd, ChannelKind::signal}) {
        ChannelState channel = with(kind);
        CHECK_FALSE(receivable(channel, 0));
        put(channel, {});
        put(channel, {});
        CHECK(channel.messages == 2);
        static_cast<void>(take(channel, 0, false));
        CHECK(receivable(channel, 0) == 0);
        static_cast<void>(take(channel, 0, false));
        CHECK_FALSE(receivable(channel, 0));
        CHECK_FALSE(is_ended(channel));
    }
}

TEST_CASE(
    "A pipe is at its end when nobody holds the sending end and nothing is left, broken when nobody may receive") {
    ChannelState pipe = with(ChannelKind::pipe);
    pipe.senders = pipe.receivers = 1;
    put(pipe, {10, no_request});
    pipe.senders = 0;
    CHECK_FALSE(is_ended(pipe));
    static_cast<void>(take(pipe, 10, false));
    CHECK(is_ended(pipe));
    CHECK_FALSE(is_broken(pipe));
    pipe.receivers = 0;
    CHECK(is_broken(pipe));
}

TEST_CASE("Over a link, room counts from the sending until its sender has heard that it is there again") {
    ChannelState link = with(ChannelKind::tcp, [](auto& channel) { channel.capacity = Bytes{100}; });
    send_away(link, {60, no_request});
    CHECK(sendable(link, 100) == 40);
    CHECK_FALSE(receivable(link, 100));
    arrive(link);
    CHECK(receivable(link, 100) == 60);
    static_cast<void>(take(link, 60, true));
    CHECK(sendable(link, 100) == 40);
    room_returned(link);
    CHECK(sendable(link, 100) == 100);
}
