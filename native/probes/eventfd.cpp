// eventfd(2): by one task that never waits, and between two.
#include "native/probes/byte_stream.hpp"
#include "native/probes/primitives.hpp"

#include <cerrno>
#include <sys/eventfd.h>

namespace switchyard::native {

namespace {

// Its counter is the first byte of the message.
class EventCounter {
public:
    EventCounter() : counter_(eventfd(0, EFD_CLOEXEC)) {
        if (counter_.number() < 0) throw SystemError::from_errno("opening an eventfd", errno);
    }
    [[nodiscard]] bool send(const Message& message) const {
        return eventfd_write(counter_.number(), static_cast<eventfd_t>(message.first())) == 0;
    }
    [[nodiscard]] bool receive(Message& message) const {
        eventfd_t value = 0;
        if (eventfd_read(counter_.number(), &value) != 0) return false;
        *message.bytes() = static_cast<char>(value);
        return true;
    }

private:
    Descriptor counter_;
};

} // namespace

std::vector<Sample> measure_eventfd_alone(const ProbeRun& run) { return sample_without_waiting(run, EventCounter()); }

std::vector<Sample> measure_eventfd_between_threads(const ProbeRun& run) {
    return sample_hand_overs(run, EventCounter(), EventCounter());
}

} // namespace switchyard::native
