#include "native/runner/transfer_attempt.hpp"

#include <sys/uio.h>
#include <unistd.h>

namespace switchyard::native {

namespace {

// So much of what is left, from where it stands; as many pieces as `nothing` takes.
struct Pieces {
    static constexpr std::int64_t most = 8;
    std::array<iovec, most + 1> pieces;
    std::size_t count = 0;

    void add(const char* data, std::int64_t size) {
        pieces[count++] = {const_cast<char*>(data), static_cast<std::size_t>(size)};
    }
};

} // namespace

static ssize_t write_pieces(const Transfer& transfer, Pieces& pieces) {
    if (is_two_way(transfer.planned.kind)) {
        if (pieces.count == 1)
            return send(transfer.state.sending, pieces.pieces[0].iov_base, pieces.pieces[0].iov_len, transfer.flags());
        msghdr message{};
        message.msg_iov = pieces.pieces.data();
        message.msg_iovlen = pieces.count;
        return sendmsg(transfer.state.sending, &message, transfer.flags());
    }
    if (pieces.count == 1) return write(transfer.state.sending, pieces.pieces[0].iov_base, pieces.pieces[0].iov_len);
    return writev(transfer.state.sending, pieces.pieces.data(), static_cast<int>(pieces.count));
}

// A stream part by part; a message whole.
Transferred send_bytes(const Transfer& transfer) {
    Movement& movement = transfer.task.movement;
    const RequestBytes request = bytes_of(transfer.task.request);
    const bool tells = transfer.tells_request(movement.total);
    const bool is_whole = has_messages(transfer.planned.kind);
    Transferred result = Transferred::all;
    while (movement.left > 0) {
        Pieces pieces;
        std::int64_t size = 0;
        const std::int64_t sent = movement.total - movement.left;
        if (tells && sent < std::ssize(request)) {
            size = std::ssize(request) - sent;
            pieces.add(request.data() + sent, size);
        }
        const std::int64_t most = is_whole ? movement.left : std::min<std::int64_t>(movement.left, std::ssize(nothing));
        while (size < most && std::ssize(pieces.pieces) > static_cast<std::ptrdiff_t>(pieces.count)) {
            const std::int64_t part = std::min<std::int64_t>(most - size, std::ssize(nothing));
            pieces.add(nothing.data(), part);
            size += part;
        }
        const ssize_t moved = attempt(transfer, result, [&] { return write_pieces(transfer, pieces); });
        if (moved < 0) return result;
        transfer.state.bytes.fetch_add(static_cast<std::uint64_t>(moved), std::memory_order_relaxed);
        movement.left = is_whole ? 0 : movement.left - moved;
    }
    return Transferred::all;
}

Transferred receive_bytes(const Transfer& transfer) {
    Task& task = transfer.task;
    Movement& movement = task.movement;
    const bool is_socket = is_two_way(transfer.planned.kind);
    const std::int64_t most = std::min<std::int64_t>(movement.total, std::ssize(nothing));
    Transferred result = Transferred::all;
    while (movement.left > 0) {
        char* const buffer = room_for(task.thread->received, most);
        const auto part = static_cast<std::size_t>(std::min(movement.left, most));
        const ssize_t moved = attempt(transfer, result, [&] {
            return is_socket ? recv(transfer.state.receiving, buffer, part, transfer.flags())
                             : read(transfer.state.receiving, buffer, part);
        });
        if (moved < 0 && result != Transferred::ended) return result;
        if (moved <= 0) { // there is no more, but there may have been some
            result = movement.left < movement.total ? Transferred::all : Transferred::ended;
            break;
        }
        const std::int64_t before = movement.total - movement.left;
        for (std::int64_t i = before; i < std::min<std::int64_t>(before + moved, std::ssize(movement.beginning)); ++i)
            movement.beginning[static_cast<std::size_t>(i)] = buffer[i - before];
        movement.left -= moved;
    }
    if (result == Transferred::all && transfer.tells_request(movement.total - movement.left))
        take_over_request(task, movement.beginning.data());
    return result;
}

} // namespace switchyard::native
