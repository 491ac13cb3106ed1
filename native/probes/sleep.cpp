// clock_nanosleep(2) of 1 ms on an otherwise idle processor, from random phases of its timers: how much later than
// asked it returns, with the timer slack the process was given, and without any.
#include "native/measurement/isolation.hpp"
#include "native/probes/primitives.hpp"

#include <ctime>
#include <random>

namespace switchyard::native {

std::vector<Sample> measure_sleep_overshoot(const ProbeRun& run) {
    constexpr timespec asked{0, 1'000'000};
    std::mt19937_64 engine(time_stamp()); // phases are to be random, not repeatable
    std::vector<Sample> samples;
    const std::uint64_t begin = time_stamp();
    while (samples.size() < 3 || run.scale.nanoseconds(begin, time_stamp()) < run.budget_nanoseconds) {
        const double phase = static_cast<double>(engine() % 1'000'000);
        for (const std::uint64_t from = time_stamp(); run.scale.nanoseconds(from, time_stamp()) < phase;) {
        }
        const std::uint64_t start = time_stamp();
        clock_nanosleep(CLOCK_MONOTONIC, 0, &asked, nullptr);
        samples.push_back({run.scale.nanoseconds(start, time_stamp()) - 1e6, 0, 0});
    }
    return samples;
}

std::vector<Sample> measure_sleep_overshoot_without_slack(const ProbeRun& run) {
    static_cast<void>(set_timer_slack(std::chrono::nanoseconds{1}));
    return measure_sleep_overshoot(run);
}

} // namespace switchyard::native
