// The engine alone: processes as coroutines, which read like prose. Two clocks tick; the fast one is stopped by the
// slow.
#include "sim/engine/simulation.hpp"

#include <cstdio>

using namespace switchyard;
using namespace switchyard::sim;
using namespace std::chrono_literals;

static SimulatedProcess clock_ticking(Simulation& simulation, Duration period, int& ticks) {
    for (;;) {
        co_await simulation.sleep(period);
        ++ticks;
    }
}

int main() {
    Simulation simulation;
    int fast = 0;
    int slow = 0;
    clock_ticking(simulation, 500ms, fast);
    clock_ticking(simulation, 1s, slow);
    simulation.run_until(Time{10s});
    std::printf("after 10 s: the fast clock ticked %d times, the slow one %d times\n", fast, slow);
    return fast == 20 && slow == 10 ? 0 : 1;
}
