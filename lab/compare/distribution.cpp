#include "lab/compare/distribution.hpp"

#include "models/random/draw.hpp"
#include "models/scenario/scenario.hpp"
#include "models/trace/event.hpp"

#include <algorithm>
#include <cmath>

namespace switchyard::lab {

namespace {

struct Kind {
    std::string_view name;
    bool is_of_events; // measured between two of the kernel's events
    const DurationHistogram& (*of)(const TaskReport&);
};
constexpr Kind kinds[] = {
    {"run_length", true, [](const TaskReport& task) -> const DurationHistogram& { return task.run_length; }},
    {"wake_up_latency", true, [](const TaskReport& task) -> const DurationHistogram& { return task.wake_up_latency; }},
    {"jobs.response", false, [](const TaskReport& task) -> const DurationHistogram& { return task.jobs.response; }},
};

// Resampled by a stream of its own, so that the same reports always yield the same.
double spread_of(std::span<const Report> predicted, std::size_t rounds, const std::string& task, const Kind& kind,
                 const DurationHistogram& whole) {
    constexpr int repetitions = 200;
    std::vector<const DurationHistogram*> phases;
    for (const Report& report : predicted) {
        const auto row = std::ranges::find(report.tasks, task, &TaskReport::name);
        if (row != report.tasks.end() && report.outcome == Outcome::completed) phases.push_back(&kind.of(*row));
    }
    if (whole.empty() || phases.size() < 2 || rounds == 0) return 0;
    DrawStream draws(
        StreamKey{.seed = predicted.front().seed, .task = no_task, .instance = 1, .operation = start_operation});
    std::vector<double> distances;
    for (int repetition = 0; repetition < repetitions; ++repetition) {
        DurationHistogram sample;
        for (std::size_t round = 0; round < rounds; ++round) sample.add(*phases[draws() % phases.size()]);
        if (!sample.empty()) distances.push_back(kolmogorov_smirnov(sample, whole));
    }
    if (distances.empty()) return 0;
    const auto place = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() * 19 / 20);
    std::ranges::nth_element(distances, place);
    return *place;
}

DurationHistogram all_of(std::span<const Report> reports, const std::string& name, const Kind& kind) {
    DurationHistogram all;
    for (const Report& report : reports) {
        const auto task = std::ranges::find(report.tasks, name, &TaskReport::name);
        if (task != report.tasks.end() && report.outcome == Outcome::completed) all.add(kind.of(*task));
    }
    return all;
}

} // namespace

// By how much more of `a` than of `b` is up to some value, that of `b` being allowed to be so much larger.
static double largest_lead(const DurationHistogram& a, const DurationHistogram& b, Duration tolerance) {
    const auto of_a = a.values(), of_b = b.values();
    const auto n = static_cast<double>(a.count()), m = static_cast<double>(b.count());
    std::uint64_t up_to_a = 0, up_to_b = 0;
    double largest = 0;
    for (auto at_a = of_a.begin(), at_b = of_b.begin(); at_a != of_a.end(); ++at_a) {
        up_to_a += at_a->second;
        for (; at_b != of_b.end() && at_b->first <= at_a->first + tolerance; ++at_b) up_to_b += at_b->second;
        largest = std::max(largest, static_cast<double>(up_to_a) / n - static_cast<double>(up_to_b) / m);
    }
    return largest;
}

double kolmogorov_smirnov(const DurationHistogram& a, const DurationHistogram& b, Duration tolerance) {
    return std::max(largest_lead(a, b, tolerance), largest_lead(b, a, tolerance));
}

double distance_by_chance(std::uint64_t n, std::uint64_t m) {
    const auto a = static_cast<double>(n), b = static_cast<double>(m);
    return 1.358 * std::sqrt((a + b) / (a * b));
}

std::optional<double> DistributionComparison::distance() const {
    if (predicted.empty() || measured.empty()) return std::nullopt;
    return kolmogorov_smirnov(predicted, measured, is_of_events ? resolution_of_events : Duration{});
}

std::optional<bool> DistributionComparison::met() const {
    if (!target || is_too_noisy()) return std::nullopt;
    const auto apart = distance();
    return apart && *apart <= *target + by_chance();
}

bool DistributionComparison::is_too_noisy() const {
    const auto apart = distance();
    return target && apart && by_chance() > *target && *apart <= *target + by_chance();
}

double DistributionComparison::by_chance() const {
    return std::max(spread, distance_by_chance(predicted.count(), measured.count()));
}

std::vector<DistributionComparison> compare_distributions(std::span<const Report> predicted,
                                                          std::span<const Report> measured,
                                                          std::span<const std::string> tasks) {
    std::vector<DistributionComparison> all;
    for (const std::string& task : tasks)
        for (const Kind& kind : kinds) {
            DistributionComparison row;
            row.name = "task." + task + "." + std::string(kind.name);
            row.predicted = all_of(predicted, task, kind);
            row.measured = all_of(measured, task, kind);
            row.is_of_events = kind.is_of_events;
            row.spread = spread_of(predicted, measured.size(), task, kind, row.predicted);
            if (!row.predicted.empty() || !row.measured.empty()) all.push_back(std::move(row));
        }
    return all;
}

} // namespace switchyard::lab
