#include "sim/sync/lock_state.hpp"

#include <algorithm>

namespace switchyard::sim {

bool is_free_for(const Lock& lock, const LockState& state, TaskId task, Claim claim) {
    if (state.abandoned) return false;
    if (state.owner != no_task) return lock.kind == LockKind::recursive && state.owner == task;
    if (claim == Claim::exclusive) return state.readers.empty();
    return lock.prefers == Preference::readers || state.waiting_writers == 0;
}

void take(LockState& state, TaskId task, Claim claim) {
    if (claim == Claim::shared) {
        state.readers.push_back(task);
        return;
    }
    state.owner = task;
    ++state.depth;
}

bool is_held_by(const LockState& state, TaskId task) {
    return state.owner == task || std::ranges::find(state.readers, task) != state.readers.end();
}

bool give_back(LockState& state, TaskId task) {
    if (state.owner == task) {
        if (--state.depth > 0) return false;
        state.owner = no_task;
        return true;
    }
    // A reader may have it more than once.
    const auto reader = std::ranges::find(state.readers, task);
    if (reader != state.readers.end()) state.readers.erase(reader);
    return state.readers.empty();
}

Claim next_claim(const Lock& lock, const LockState& state, bool readers_wait) {
    if (!readers_wait) return Claim::exclusive;
    return lock.prefers == Preference::writers && state.waiting_writers > 0 ? Claim::exclusive : Claim::shared;
}

} // namespace switchyard::sim
