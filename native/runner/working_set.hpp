// `compute` over a working set for real.
//
// Work is cut into pieces. Each begins with a walk over the whole working set (native/measurement/working_set.hpp);
// what is left of it is the work loop. How long a walk takes when everything is where it stays without others' doing,
// in iterations of the work loop, is measured before the run, and the piece is shorter by that: so warm, a `compute`
// takes what was asked for, and bringing back what others have displaced comes on top. A piece is 100 us (WorkTimer),
// or eight times what the walk takes if that is more; less work than a walk takes goes over a part, and the next one on
// from there.
#pragma once

#include "native/plan/shared_state.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace switchyard::native {

struct Run;
struct Task;

// What a task goes over that is its own: zeros, written once, in ordinary pages. Unmapped with its owner.
class OwnWorkingSet {
public:
    OwnWorkingSet() = default;
    OwnWorkingSet(OwnWorkingSet&& other) noexcept
        : memory_(std::exchange(other.memory_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    OwnWorkingSet& operator=(OwnWorkingSet&& other) noexcept {
        std::swap(memory_, other.memory_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~OwnWorkingSet();

    // At least so many bytes of it, the same each time unless it has to grow.
    [[nodiscard]] const std::byte* at_least(const Run& run, std::int64_t size);

    [[nodiscard]] std::int64_t size() const { return size_; }

private:
    std::byte* memory_ = nullptr;
    std::int64_t size_ = 0;
};

// Makes a planned task's own working sets present, so that it does not fault when it begins to compute, and measures
// walks over them: which physical pages they have got decides how they lie in a cache, and that by a sixth.
void prepare_working_sets(Task& task);

void compute_over(Task& task, const PlanWorkingSet& over, std::int64_t iterations);

// How many iterations of the work loop a warm walk over as much as each of the plan's working sets takes, on this
// processor: what regions, and children's own, are taken to need.
void measure_walks(const Run& run);

} // namespace switchyard::native
