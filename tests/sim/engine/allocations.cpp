// In the steady state nothing is allocated. Counted by replacing the global operator new of this test program, which
// otherwise does what the library's does.
#include "sim/engine/event_queue.hpp"
#include "sim/engine/simulation.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <cstdlib>
#include <new>
#include <random>
#include <vector>

namespace {
std::size_t allocations = 0;
} // namespace

// Out of line: inlined into one side of a pair only, they look mismatched to the compiler.
[[gnu::noinline]] void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace switchyard;
using namespace switchyard::sim;
using namespace std::chrono_literals;

TEST_CASE("A queue that has found its size allocates nothing", "[event_queue][allocations]") {
    for (const std::uint32_t population : {10U, 200U, 1000U, 50'000U}) {
        std::mt19937_64 random(1);
        EventQueue<std::uint32_t> queue;
        std::vector<EventHandle> events;
        const auto delay = [&] { return Duration{static_cast<std::int64_t>(random() % 1'000'000)}; };
        for (std::uint32_t subject = 0; subject < population; ++subject) {
            events.push_back(queue.schedule_after(delay(), subject));
        }
        const auto fire = [&] {
            const std::uint32_t subject = queue.pop()->payload;
            events[subject] = queue.schedule_after(delay(), subject);
            const std::size_t other = random() % population;
            queue.cancel(events[other]);
            events[other] = queue.schedule_after(delay(), static_cast<std::uint32_t>(other));
            queue.reschedule(events[random() % population], queue.now() + delay());
        };
        for (std::uint32_t warm = 0; warm < 20 * population + 10'000; ++warm) fire();
        const std::size_t before = allocations;
        for (std::uint32_t round = 0; round < 100'000; ++round) fire();
        const std::size_t made = allocations - before; // what follows allocates
        INFO(population << " pending");
        CHECK(made <= 2); // of a hundred thousand firings: a table may still meet its greatest size
    }
}

TEST_CASE("Waiting allocates nothing", "[simulation][allocations]") {
    Simulation simulation;
    Event ping;
    Event pong;
    auto player = [](Simulation& sim, Event& mine, Event& other) -> SimulatedProcess {
        for (;;) {
            co_await any_of(mine, sim.sleep(1s));
            mine.reset();
            co_await sim.sleep(3ns);
            other.trigger();
            co_await all_of(sim.sleep(2ns), other);
        }
    };
    player(simulation, ping, pong);
    player(simulation, pong, ping);
    simulation.run_until(Time{1s + 1us});
    const std::size_t before = allocations;
    simulation.run_until(Time{1s + 100us});
    const std::size_t made = allocations - before;
    CHECK(made == 0);
}
