#include "native/runner/transfer_attempt.hpp"

#include <mqueue.h>
#include <sys/msg.h>

namespace switchyard::native {

// In one piece, behind a place for a System V message's type, which says whose request it is.
static char* message_to_send(const Transfer& transfer) {
    const std::int64_t size = transfer.task.movement.total;
    char* const message = room_for(transfer.task.thread->sent, std::ssize(RequestBytes{}) + size);
    if (transfer.planned.kind == ChannelKind::message_queue && transfer.tells_request(size))
        std::memcpy(message + sizeof(long), bytes_of(transfer.task.request).data(), sizeof(RequestBytes));
    return message;
}

Transferred send_message(const Transfer& transfer) {
    char* const message = message_to_send(transfer);
    const auto size = static_cast<std::size_t>(transfer.task.movement.total);
    Transferred result = Transferred::all;
    const ssize_t moved = attempt(transfer, result, [&]() -> ssize_t {
        if (transfer.planned.kind == ChannelKind::message_queue)
            return mq_send(transfer.state.sending, message + sizeof(long), size, 0);
        const long type = 1 + static_cast<long>(transfer.task.request); // a positive number, which anybody receives
        std::memcpy(message, &type, sizeof type);
        return msgsnd(transfer.state.system_v_queue, message, size, 0);
    });
    if (moved >= 0) transfer.state.bytes.fetch_add(size, std::memory_order_relaxed);
    return result;
}

Transferred receive_message(const Transfer& transfer) {
    const std::int64_t most = transfer.planned.message_size;
    char* const message = room_for(transfer.task.thread->received, std::ssize(RequestBytes{}) + most);
    Transferred result = Transferred::all;
    const ssize_t moved = attempt(transfer, result, [&]() -> ssize_t {
        const auto room = static_cast<std::size_t>(most);
        if (transfer.planned.kind == ChannelKind::message_queue)
            return mq_receive(transfer.state.receiving, message, room, nullptr);
        if (transfer.planned.kind == ChannelKind::system_v_queue)
            return msgrcv(transfer.state.system_v_queue, message, room, 0, 0);
        return recv(transfer.state.receiving, message, room, transfer.flags());
    });
    if (moved < 0) return result;
    if (moved == 0 && transfer.planned.kind == ChannelKind::unix_datagram) return Transferred::ended;
    if (transfer.planned.kind == ChannelKind::system_v_queue) {
        long type = 0;
        std::memcpy(&type, message, sizeof type);
        if (type > 1) transfer.task.request = static_cast<std::uint32_t>(type - 1);
    } else if (transfer.tells_request(moved)) {
        take_over_request(transfer.task, message);
    }
    return Transferred::all;
}

} // namespace switchyard::native
