// POSIX semaphores: posted and taken by a task that never waits, and to and fro between two.
#include "native/probes/message.hpp"
#include "native/probes/primitives.hpp"

#include <semaphore.h>

namespace switchyard::native {

namespace {

// What it says, it says in memory that both tasks see.
class Turns {
public:
    Turns() { sem_init(&semaphore_, 0, 0); }
    Turns(const Turns&) = delete;
    Turns& operator=(const Turns&) = delete;
    ~Turns() { sem_destroy(&semaphore_); }

    [[nodiscard]] bool send(const Message& message) const {
        said_ = message.first();
        return sem_post(&semaphore_) == 0;
    }
    [[nodiscard]] bool receive(Message& message) const {
        const bool taken = sem_wait(&semaphore_) == 0;
        *message.bytes() = said_;
        return taken;
    }

private:
    mutable sem_t semaphore_;
    mutable char said_ = 0;
};

} // namespace

std::vector<Sample> measure_semaphore_alone(const ProbeRun& run) {
    constexpr std::int64_t pairs = 20'000;
    const Turns turns;
    Message message(1, another);
    bool intact = true;
    std::vector<Sample> samples = sample_batches(run, 2 * pairs, [&] {
        for (std::int64_t pair = 0; pair < pairs; ++pair)
            intact = intact && turns.send(message) && turns.receive(message);
    });
    if (!intact) throw SystemError("a semaphore could not be taken");
    return samples;
}

std::vector<Sample> measure_semaphore_between_threads(const ProbeRun& run) {
    return sample_hand_overs(run, Turns(), Turns());
}

} // namespace switchyard::native
