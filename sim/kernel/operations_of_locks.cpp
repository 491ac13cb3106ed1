// Operations on locks.
#include "sim/kernel/dispatch.hpp"
#include "sim/kernel/operations.hpp"
#include "sim/kernel/synchronisation.hpp"

namespace switchyard::sim {

Step lock(const Execution& e, bool shared) {
    const std::optional<Step> waits = take_lock(e, e.operation().object, shared ? Claim::shared : Claim::exclusive, 0);
    return waits ? *waits : done(e);
}

Step try_lock(const Execution& e) {
    const std::uint32_t id = e.operation().object;
    LockState& state = e.kernel.synchronisation->locks[id];
    if (e.task().phase == 0) return spend_synchronising(e, touch_word(e, state.last_core), 1);
    if (is_free_for(e.kernel.scenario->locks[id], state, e.actor, Claim::exclusive)) {
        static_cast<void>(take_lock(e, id, Claim::exclusive, 0));
        return done(e);
    }
    ++e.kernel.counters.contentions;
    return go_to(e, e.operation().target);
}

Step unlock(const Execution& e) {
    enum : std::uint8_t { begin, give, wake };
    Kernel& kernel = e.kernel;
    const std::uint32_t id = e.operation().object;
    if (e.task().phase == begin)
        return spend_synchronising(e, touch_word(e, kernel.synchronisation->locks[id].last_core), give);
    if (e.task().phase == give) {
        give_lock_back(e, id);
        return spend_in_kernel(e, cost_of_waking_owners_to_be(e, id), wake);
    }
    wake_owners_to_be(kernel, id, e.actor);
    return done(e);
}

} // namespace switchyard::sim
