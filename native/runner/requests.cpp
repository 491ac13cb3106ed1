#include "native/runner/requests.hpp"

#include "native/runner/clock.hpp"

#include <cerrno>
#include <utility>

namespace switchyard::native {

void begin_request(Task& task) {
    const Run& run = *task.thread->run;
    const std::uint32_t request = run.state.header->requests.fetch_add(1, std::memory_order_relaxed);
    if (request >= run.state.requests.size()) fail(run, "more requests than the plan counted", ENOSPC);
    run.state.requests[request].arrival = task.in_job ? task.release : monotonic_nanoseconds();
    task.request = request + 1;
}

void end_request(Task& task) {
    const Run& run = *task.thread->run;
    const std::uint32_t request = std::exchange(task.request, 0);
    if (request == 0) fail(run, "ending a request without having one in hand", EINVAL);
    std::int64_t not_yet = 0;
    run.state.requests[request - 1].end.compare_exchange_strong(not_yet, monotonic_nanoseconds());
}

} // namespace switchyard::native
