// System V's message queues (msgget(2)): by one task that never waits, and between two. They outlive whoever made them;
// so the process has a namespace of its own, with which they end, or makes none.
#include "native/measurement/queue_namespace.hpp"
#include "native/probes/message.hpp"
#include "native/probes/primitives.hpp"

#include <cerrno>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/stat.h>

namespace switchyard::native {

namespace {

class SystemVQueue {
public:
    SystemVQueue() : queue_(msgget(IPC_PRIVATE, IPC_CREAT | S_IRUSR | S_IWUSR)) {
        if (queue_ < 0) throw SystemError::from_errno("making a System V message queue", errno);
    }
    SystemVQueue(const SystemVQueue&) = delete;
    SystemVQueue& operator=(const SystemVQueue&) = delete;
    ~SystemVQueue() { msgctl(queue_, IPC_RMID, nullptr); }

    [[nodiscard]] bool send(const Message& message) const {
        return msgsnd(queue_, message.kind(), message.size(), 0) == 0;
    }
    [[nodiscard]] bool receive(Message& message) const {
        return msgrcv(queue_, message.kind(), message.size(), 0, 0) == std::ssize(message);
    }

private:
    int queue_;
};

void need_own_namespace() {
    if (!enter_own_queue_namespace())
        throw SystemError("needs a namespace of its own for its queue, which would outlive it otherwise");
}

} // namespace

std::vector<Sample> measure_system_v_queue_alone(const ProbeRun& run) {
    need_own_namespace();
    return sample_without_waiting(run, SystemVQueue());
}

std::vector<Sample> measure_system_v_queue_between_threads(const ProbeRun& run) {
    need_own_namespace();
    return sample_hand_overs(run, SystemVQueue(), SystemVQueue());
}

} // namespace switchyard::native
