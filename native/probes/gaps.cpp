#include "native/probes/gaps.hpp"

namespace switchyard::native {

std::vector<Gap> find_gaps(const ProbeRun& run, double watch_nanoseconds) {
    constexpr double least_gap = 300;
    std::vector<Gap> gaps;
    gaps.reserve(100'000);
    const std::uint64_t begin = time_stamp();
    const auto end = begin + static_cast<std::uint64_t>(watch_nanoseconds / run.scale.nanoseconds_per_stamp);
    const auto threshold = static_cast<std::uint64_t>(least_gap / run.scale.nanoseconds_per_stamp);
    for (std::uint64_t last = begin; last < end && gaps.size() < gaps.capacity();) {
        const std::uint64_t now = time_stamp();
        if (now - last > threshold)
            gaps.push_back({run.scale.nanoseconds(begin, last), run.scale.nanoseconds(last, now)});
        last = now;
    }
    return gaps;
}

} // namespace switchyard::native
