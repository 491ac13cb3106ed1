// Jobs: released one after the other, each with a deadline.
#include "models/units/text.hpp"
#include "sim/kernel/dispatch.hpp"
#include "sim/kernel/jobs.hpp"
#include "sim/kernel/operations.hpp"

namespace switchyard::sim {

Step begin_job(const Execution& e) {
    Kernel& kernel = e.kernel;
    Task& task = e.task();
    enum : std::uint8_t { next, told, released = job_is_released }; // told: the kernel knows until when to wait
    if (task.phase == next) {
        const bool is_first = !task.had_job;
        release_job(kernel, e.actor, draw(e));
        if (is_first) {
            task.phase = released;
        } else if (const Step step = enter_kernel(e, system_call(e)); step == Step::spent) {
            return step;
        }
    }
    if (task.phase == told) {
        task.phase = released;
        if (task.release > kernel.now()) {
            const Time woken = checked_add(task.release, lateness_of_timer(kernel, e.thread));
            task.timer = kernel.events.schedule(woken, {KernelEvent::Kind::timer, e.actor});
            return block(e, WaitFor::time, nothing);
        }
        if (kernel.scheduler->new_job(e.core, e.actor, kernel.now())) {
            requeue(kernel, e.core, Enqueue::new_job);
            return Step::left;
        }
    }
    start_job(kernel, e.actor);
    return done(e);
}

Step end_job(const Execution& e) {
    finish_job(e.kernel, e.actor);
    return done(e);
}

} // namespace switchyard::sim
