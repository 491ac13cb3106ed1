// Channels of a kernel: their state, the ends that processes hold, what is on its way over links, and whom a change
// wakes. What sending and receiving cost stands with the operations (operations_of_channels.cpp).
//
// Ends are held by processes: by all whose programs use them, from the beginning, and by the children they fork
// (pipe(7), fork(2)). A process's end gives up its ends, so does `close`.
#pragma once

#include "sim/ipc/channel_state.hpp"
#include "sim/kernel/execution.hpp"

#include <vector>

namespace switchyard::sim {

struct Channels {
    std::vector<ChannelState> states; // in the scenario's order
    std::vector<CoreId> last_core;    // of a queue: who touched it last
    std::vector<bool> answered;       // of a connection's way: something was sent the other way since
    std::vector<Time> link_free;      // when the next byte may leave
    std::vector<std::vector<EndId>> ends_of_template;
};

// An end: twice the channel's index, and one more for the receiving end.
[[nodiscard]] constexpr EndId end_id(std::uint32_t channel, bool receiving) {
    return 2 * channel + (receiving ? 1 : 0);
}

[[nodiscard]] std::shared_ptr<Channels> create_channels(const Scenario& scenario);

// The queues in Kernel::waiting of those who wait to receive, and to send.
[[nodiscard]] QueueId receivers_queue(const Kernel& kernel, std::uint32_t channel);
[[nodiscard]] QueueId senders_queue(const Kernel& kernel, std::uint32_t channel);

// The process comes to hold what programs of that template use.
void hold_ends(Kernel& kernel, ProcessId process, std::uint32_t of_template);
// A child has what its parent has.
void inherit_ends(Kernel& kernel, ProcessId child, ProcessId parent);
// The process gives an end up, or all it has: whoever waits for what will never come looks again.
void give_up_end(Kernel& kernel, ProcessId process, EndId end, TaskId by);
void give_up_ends(Kernel& kernel, ProcessId process, TaskId by);

// How many descriptors a process has open to its channels: one for each end of a pipe, one for a socket, an eventfd or
// a message queue whatever it does with it.
[[nodiscard]] std::int64_t descriptors_of(const Kernel& kernel, ProcessId process);

// The task that waits for the channel, which may be carried by the thread in the queue.
[[nodiscard]] TaskId who_waits(const Kernel& kernel, TaskId in_queue);

// The first of those who wait to send or to receive that could go on now, or no_task.
[[nodiscard]] TaskId first_able(const Kernel& kernel, std::uint32_t channel, bool to_send);
void wake_first_able(Kernel& kernel, std::uint32_t channel, bool to_send, TaskId by);
// Everybody who waits at either end.
void wake_all(Kernel& kernel, std::uint32_t channel, TaskId by);

// What is sent leaves: into the channel, or onto its link.
void put_or_send_away(Kernel& kernel, std::uint32_t channel, const Parcel& parcel);
[[nodiscard]] Parcel take_out(Kernel& kernel, std::uint32_t channel, std::int64_t size);

// Something has come over a link; its sender hears of room.
void on_arrival(Kernel& kernel, std::uint32_t channel);
void on_room_returned(Kernel& kernel, std::uint32_t channel);

} // namespace switchyard::sim
