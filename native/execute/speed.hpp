// How fast the processor was while a run went on, from pieces of the run's own work.
#pragma once

#include "native/plan/shared_state.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace switchyard::native {

struct WorkSpeed {
    double iteration_picoseconds = 0; // of the work loop, mean over the work
    std::uint64_t pieces = 0;         // it rests on; 0: only on the brackets around the run
};

// The mean time of an iteration over a run's work.
//
// A thread's timed pieces are taken in groups of neighbours in time; the median of a group is the speed then, whatever
// interrupted some of its pieces (timer ticks, other tasks: exactly what does not belong to the work). Groups are
// averaged weighted by their work, because the clock wanders between them. Where no piece was long enough to time, the
// work loop's speed just before and just after the run has to do.
class SpeedEstimate {
public:
    explicit SpeedEstimate(const WorkCosts& costs) : costs_(costs) {}

    // The samples of one thread and its children, in the order they were recorded.
    void add_thread(std::span<const WorkSample> samples);

    [[nodiscard]] WorkSpeed result() const;

private:
    WorkCosts costs_;
    double iterations_ = 0;
    double picoseconds_ = 0;
    std::uint64_t pieces_ = 0;
};

} // namespace switchyard::native
