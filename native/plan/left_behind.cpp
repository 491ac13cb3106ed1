#include "native/plan/left_behind.hpp"

#include <sys/msg.h>

namespace switchyard::native {

void remove_system_v_queues(const SharedState& state) {
    for (ChannelState& channel : state.channels)
        if (channel.system_v_queue_made.exchange(0) != 0) msgctl(channel.system_v_queue, IPC_RMID, nullptr);
}

} // namespace switchyard::native
