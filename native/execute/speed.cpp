#include "native/execute/speed.hpp"

#include <algorithm>
#include <vector>

namespace switchyard::native {

static constexpr std::size_t group_size = 31; // about 3 ms of pieces of 100 us

void SpeedEstimate::add_thread(std::span<const WorkSample> samples) {
    std::vector<double> group;
    while (!samples.empty()) {
        // What would be left of less than half a group belongs to the last one.
        const std::size_t size = samples.size() < group_size + group_size / 2 ? samples.size() : group_size;
        double iterations = 0;
        group.clear();
        for (const WorkSample& sample : samples.first(size)) {
            if (sample.iterations == 0) continue;
            const std::uint64_t stamps = std::max(sample.stamps, costs_.stamps_of_sample) - costs_.stamps_of_sample;
            group.push_back(static_cast<double>(stamps) * costs_.nanoseconds_per_stamp * 1000 /
                            static_cast<double>(sample.iterations));
            iterations += static_cast<double>(sample.iterations);
        }
        samples = samples.subspan(size);
        if (group.empty()) continue;
        const auto middle = group.begin() + static_cast<std::ptrdiff_t>(group.size() / 2);
        std::nth_element(group.begin(), middle, group.end());
        iterations_ += iterations;
        picoseconds_ += iterations * *middle;
        pieces_ += group.size();
    }
}

WorkSpeed SpeedEstimate::result() const {
    if (pieces_ == 0) return {(costs_.iteration_picoseconds_before + costs_.iteration_picoseconds_after) / 2, 0};
    return {picoseconds_ / iterations_, pieces_};
}

} // namespace switchyard::native
