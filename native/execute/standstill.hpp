// Whether a run has come to a standstill: every task that is left waits for another, and none of them will ever move.
#pragma once

#include "native/plan/shared_state.hpp"

#include <cstdint>

namespace switchyard::native {

// What the tasks that have not ended are doing.
struct Waits {
    bool all_wait = false;   // there are some, and all of them are blocked; coroutines and fibers also by another of
                             // their thread that blocks it
    std::uint64_t begun = 0; // waits, over all tasks and the whole run: grows with everything that happens
    friend bool operator==(const Waits&, const Waits&) = default;
};

// At one instant, as the records say. A task that has just been woken may still count as waiting.
[[nodiscard]] Waits waits_of(const PlanView& plan, const SharedState& state);

// Tells a deadlock from tasks that hand a turn over all the time: it takes several looks between which nothing began.
class StandstillWatch {
public:
    static constexpr int looks_needed = 8;

    // One more look; whether the run stands still. Look every quarter of a second: a woken task gets a core within
    // that.
    [[nodiscard]] bool look(const Waits& now);

private:
    Waits before_;
    int unchanged_ = 0;
};

} // namespace switchyard::native
