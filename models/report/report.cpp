#include "models/report/report.hpp"

#include "models/units/wide_integer.hpp"

#include <algorithm>

namespace switchyard {

std::string_view name_of(TimeCategory category) {
    static constexpr std::array<std::string_view, time_categories> names{
        "work", "switching", "kernel", "faults", "refill", "synchronisation", "idle"};
    return names[static_cast<std::size_t>(category)];
}

std::string_view name_of(Outcome outcome) {
    static constexpr std::array<std::string_view, 4> names{"completed", "deadlocked", "livelocked", "interrupted"};
    return names[static_cast<std::size_t>(outcome)];
}

void DurationSummary::add(Duration value) {
    const std::uint64_t total = static_cast<std::uint64_t>(sum.count()) + static_cast<std::uint64_t>(value.count());
    laps += total >> 63U;
    sum = Duration{static_cast<std::int64_t>(total & ~(std::uint64_t{1} << 63U))};
    ++count;
    least = std::min(least, value);
    most = std::max(most, value);
}

Duration DurationSummary::mean() const {
    if (count == 0) return Duration{0};
    const WideInteger total = (WideInteger{laps} << 63) + sum.count();
    return Duration{static_cast<std::int64_t>(total / count)}; // at most `most`
}

std::optional<Duration> Report::overhead() const {
    if (!pure_work) return std::nullopt;
    return makespan - *pure_work;
}

} // namespace switchyard
