// `compute` for real: iterations of the work loop, some of them timed.
//
// A processor's speed wanders by percents within seconds, so how long the work *should* have taken is only known by
// timing it while it runs. Long work is cut into pieces of about 100 us, and a share of the pieces is timed
// (PlanThread::samples). The stamps, the recording and the interpreter cost time themselves: what they cost is measured
// beforehand, in iterations, and every piece is that much shorter. So a `compute` takes, as a whole, what was asked
// for.
#pragma once

#include "native/plan/shared_state.hpp"

namespace switchyard::native {

// What one kernel thread needs to work. Threads of one family (a planned thread, its children) share the samples' room.
struct WorkTimer {
    std::uint64_t longest_piece = 0; // iterations
    std::uint64_t shortest_sampled_piece = 0;
    std::uint64_t plain_iterations = 0;
    std::uint64_t sampled_iterations = 0;
    std::uint32_t stride = 1;
    std::uint32_t until_sample = 1; // the piece after so many is timed
    ThreadRecord* record = nullptr;
    std::span<WorkSample> room;
};

[[nodiscard]] WorkTimer work_timer(const PlanView& plan, const SharedState& state, std::uint32_t thread);

// The same for the `child`-th child of the family: the stride begins elsewhere, so that short-lived children are timed
// in turn.
[[nodiscard]] WorkTimer for_child(const WorkTimer& timer, std::uint32_t child);

void work(WorkTimer& timer, std::int64_t iterations);

// Measures what a piece of work costs besides its iterations, on the calling thread's processor: about 50 ms.
[[nodiscard]] WorkCosts measure_work_costs(const PlanHeader& header);

} // namespace switchyard::native
