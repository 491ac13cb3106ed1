// How fast the event queue is: the hold model (take the earliest event, schedule one; Jones 1986, "An empirical
// comparison of priority-queue and event-set implementations"), and a model that keeps changing its mind. Increments
// are exponential with mean 1 us, drawn beforehand: the queue is measured, not the generator. Ties fire in order and
// every event can be cancelled. The payload is 16 bytes, what the kernel of the simulator carries.
#include "sim/engine/event_queue.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace {

using namespace switchyard;
using sim::EventHandle;

struct Payload {
    std::uint32_t kind;
    std::uint32_t subject;
    std::uint64_t value;
};
using Queue = sim::EventQueue<Payload>;

class Increments {
public:
    Increments() {
        std::mt19937_64 random(1);
        for (Duration& length : lengths_) {
            const double uniform = (static_cast<double>(random() >> 11U) + 1) * 0x1p-53;
            length = Duration{static_cast<std::int64_t>(-std::log(uniform) * 1e6)};
        }
    }
    Duration next() { return lengths_[next_++ % lengths_.size()]; }

private:
    std::array<Duration, 1U << 16U> lengths_;
    std::size_t next_ = 0;
};

std::vector<EventHandle> fill(Queue& queue, Increments& increments, std::int64_t pending) {
    std::vector<EventHandle> events;
    for (std::uint32_t subject = 0; subject < pending; ++subject) {
        events.push_back(queue.schedule_after(increments.next(), {0, subject, 0}));
    }
    return events;
}

void report(benchmark::State& state, const Queue& queue) {
    state.SetItemsProcessed(state.iterations());
    state.counters["bytes/event"] = static_cast<double>(queue.memory()) / static_cast<double>(queue.size());
}

void hold(benchmark::State& state) {
    Increments increments;
    Queue queue;
    fill(queue, increments, state.range(0));
    for (std::int64_t warm = 0; warm < 3 * state.range(0); ++warm) {
        queue.schedule_after(increments.next(), queue.pop()->payload);
    }
    for (auto _ : state) {
        const auto event = queue.pop();
        queue.schedule_after(increments.next(), event->payload);
    }
    report(state, queue);
}
BENCHMARK(hold)->Arg(1)->Arg(64)->Arg(1'000)->Arg(100'000)->Arg(1'000'000);

// Each event that fires arms itself again, cancels another and arms that again: two schedulings and a cancellation a
// firing.
void change_of_mind(benchmark::State& state) {
    Increments increments;
    Queue queue;
    std::vector<EventHandle> events = fill(queue, increments, state.range(0));
    std::uint32_t random = 0;
    const auto fire = [&] {
        const Payload payload = queue.pop()->payload;
        events[payload.subject] = queue.schedule_after(increments.next(), payload);
        random = random * 2654435761U + 1;
        const auto other = static_cast<std::uint32_t>((std::uint64_t{random} * events.size()) >> 32U);
        queue.cancel(events[other]);
        events[other] = queue.schedule_after(increments.next(), {0, other, 0});
    };
    for (std::int64_t warm = 0; warm < 3 * state.range(0); ++warm) fire();
    for (auto _ : state) fire();
    report(state, queue);
}
BENCHMARK(change_of_mind)->Arg(64)->Arg(100'000);

} // namespace
