#include "cli/sweep_text.hpp"

#include "cli/table.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <unistd.h>

namespace switchyard::cli {

namespace {

using Clock = std::chrono::steady_clock;

constexpr double seconds_of_rate = 10; // that the rate and the time left are taken from
constexpr double seconds_of_line = 10;
constexpr double seconds_of_estimate = 2;
constexpr std::uint64_t most_points_of_estimate = 64;

std::string duration_text(double seconds) {
    if (seconds < 1e-3) return fmt::format("{:.0f} us", seconds * 1e6);
    if (seconds < 1) return fmt::format("{:.0f} ms", seconds * 1e3);
    if (seconds < 100) return fmt::format("{:.1f} s", seconds);
    if (seconds < 7200) return fmt::format("{:.0f} min", seconds / 60);
    if (seconds < 48 * 3600) return fmt::format("{:.1f} h", seconds / 3600);
    return fmt::format("{:.1f} days", seconds / 86400);
}

std::string rate_text(double rate) {
    return rate < 10 ? fmt::format("{:.2f}/s", rate) : fmt::format("{:.0f}/s", rate);
}

std::string points_text(std::uint64_t points) {
    return points == 1 ? "1 point" : fmt::format("{} points", points);
}

std::string values_text(const SweepParameter& parameter) {
    if (parameter.values.empty()) return "drawn";
    if (parameter.values.size() == 1) return parameter.values.front().text;
    return fmt::format("{} values, {} .. {}", parameter.values.size(), parameter.values.front().text,
                       parameter.values.back().text);
}

// Seconds a point takes, from points all over the plan; absent where nothing could be computed in time.
struct Sample {
    std::uint64_t points = 0;
    double seconds = 0;
};

Sample sample_points(const lab::PlannedWork& work, const lab::Schedule& schedule, const std::stop_token& stop) {
    Sample sample;
    const auto worker = work.make_worker();
    const Clock::time_point begin = Clock::now();
    const std::uint64_t most = std::min(schedule.units(), most_points_of_estimate);
    for (; sample.points < most && sample.seconds < seconds_of_estimate && !stop.stop_requested(); ++sample.points) {
        // The golden ratio's multiples: evenly spread however many there are.
        const double place = 0.6180339887498949 * static_cast<double>(sample.points + 1);
        const auto unit =
            static_cast<std::uint64_t>((place - static_cast<double>(static_cast<std::uint64_t>(place))) *
                                       static_cast<double>(schedule.units()));
        if (!worker->compute(schedule.first_point(std::min(unit, schedule.units() - 1)), stop)) break;
        sample.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    }
    return sample;
}

} // namespace

SweepProgressText::SweepProgressText(const std::string& title) : bar_(title), terminal_(isatty(STDERR_FILENO) != 0) {}

void SweepProgressText::show(const lab::SweepProgress& progress) {
    lately_.push_back({progress.seconds, progress.units_done, progress.computed});
    while (lately_.size() > 2 && progress.seconds - lately_.front().seconds > seconds_of_rate) lately_.pop_front();
    const double seconds = progress.seconds - lately_.front().seconds;
    const auto units = static_cast<double>(progress.units_done - lately_.front().units);
    const double rate = seconds > 0 ? static_cast<double>(progress.computed - lately_.front().points) / seconds : 0;
    const std::string failures = progress.failed == 0 ? "" : fmt::format(", {} failed", progress.failed);
    const double share = static_cast<double>(progress.units_done) / static_cast<double>(std::max<std::uint64_t>(1, progress.units));
    std::optional<double> left;
    if (units > 0) left = static_cast<double>(progress.units - progress.units_done) * seconds / units;
    const std::string what = fmt::format("{} points, {}{}", progress.computed, rate_text(rate), failures);
    bar_.show(share, left, what);
    if (terminal_ || progress.seconds - last_line_ < seconds_of_line) return;
    last_line_ = progress.seconds;
    fmt::print(stderr, "switchyard: {:.1f} %, {}{}\n", 100 * share, what,
               left ? fmt::format(", {} left", duration_text(*left)) : "");
    std::fflush(stderr);
}

std::string summary_of(const lab::SweepProgress& progress) {
    std::string text = fmt::format("{} computed in {}", points_text(progress.computed), duration_text(progress.seconds));
    if (progress.computed > 0)
        text += fmt::format(" ({})", rate_text(static_cast<double>(progress.computed) / progress.seconds));
    if (progress.there > 0) text += fmt::format(", {} there already", progress.there);
    if (progress.failed > 0) text += fmt::format(", {} failed", progress.failed);
    text += '\n';
    for (const std::string& reason : progress.first_failures)
        text += fmt::format("  {}: {}\n", reason == progress.first_failures.front() ? "failed" : "or", reason);
    return text;
}

void print_plan(const lab::PlannedWork& work, const lab::Schedule& schedule, std::size_t workers,
                const std::stop_token& stop) {
    const Sweep& sweep = work.plan().sweep();
    Table table({{"parameter", Align::left}, {"is", Align::left}});
    for (const SweepParameter& parameter : sweep.parameters) table.add({{parameter.name}, {values_text(parameter)}});
    fmt::print("{}\n", table.text(wants_colour()));
    for (const SweepMetric& metric : sweep.metrics) fmt::print("keeps {} = {}\n", metric.name, metric.expression);
    const Replications& replications = sweep.replications;
    fmt::print("{} cells", work.cells());
    const std::uint64_t most = schedule.units() * schedule.most_points();
    const std::uint64_t least = schedule.units() * schedule.certain_points();
    if (replications.until)
        fmt::print(", {} to {} replications each until the interval of {} is within {:g} %: {} to {} points\n",
                   replications.at_least, replications.at_most, replications.until->metric,
                   100 * replications.until->within, least, most);
    else if (most == work.cells() * replications.at_most)
        fmt::print(" x {} replications = {} points\n", replications.at_most, most);
    else
        fmt::print(" x {} replications = {} points, of which this shard has {}\n", replications.at_most,
                   work.cells() * replications.at_most, most);
    const Sample sample = sample_points(work, schedule, stop);
    if (sample.points == 0) return;
    const double point = sample.seconds / static_cast<double>(sample.points);
    const auto all = [&](std::uint64_t points) {
        return duration_text(point * static_cast<double>(points) /
                             static_cast<double>(std::min<std::uint64_t>(workers, std::max<std::uint64_t>(1, points))));
    };
    fmt::print("about {}{} on {} worker{}: {} a point, as {} of them took just now\n",
               least == most ? "" : all(least) + " to ", all(most), workers, workers == 1 ? "" : "s",
               duration_text(point), sample.points);
}

} // namespace switchyard::cli
