// POSIX message queues (mq_overview(7)): by one task that never waits, and between two. A queue has a name only until
// it is open.
#include "native/measurement/queue_namespace.hpp"
#include "native/probes/byte_stream.hpp"
#include "native/probes/primitives.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <mqueue.h>
#include <sys/stat.h>

namespace switchyard::native {

namespace {

class MessageQueue {
public:
    explicit MessageQueue(const ProbeRun& run) {
        const std::string name = fmt::format("/switchyard-{}", getpid());
        mq_attr attributes{};
        attributes.mq_maxmsg = 10;
        attributes.mq_msgsize = std::max<long>(run.amount, 1);
        const mqd_t queue = mq_open(name.c_str(), O_CREAT | O_EXCL | O_RDWR, S_IRUSR | S_IWUSR, &attributes);
        if (queue < 0) throw SystemError::from_errno("making a message queue", errno);
        mq_unlink(name.c_str());
        queue_ = Descriptor(queue); // on Linux it is one
    }
    [[nodiscard]] bool send(const Message& message) const {
        return mq_send(queue_.number(), message.bytes(), message.size(), 0) == 0;
    }
    [[nodiscard]] bool receive(Message& message) const {
        return mq_receive(queue_.number(), message.bytes(), message.size(), nullptr) == std::ssize(message);
    }

private:
    Descriptor queue_;
};

} // namespace

std::vector<Sample> measure_message_queue_alone(const ProbeRun& run) {
    static_cast<void>(enter_own_queue_namespace()); // without, it loses its name as soon as it is open
    return sample_without_waiting(run, MessageQueue(run));
}

std::vector<Sample> measure_message_queue_between_threads(const ProbeRun& run) {
    static_cast<void>(enter_own_queue_namespace());
    return sample_hand_overs(run, MessageQueue(run), MessageQueue(run));
}

} // namespace switchyard::native
