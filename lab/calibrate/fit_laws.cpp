// How laws are computed from what probes said: the table they are computed by is in laws.cpp.
#include "lab/calibrate/laws.hpp"

#include "models/fit/least_squares.hpp"
#include "models/fit/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace switchyard::lab {

namespace {

constexpr double most_fit_error = 0.10;      // of the measured value, before a fit is called poor
constexpr double most_held_out_error = 0.20; // of it between the amounts a law was fitted to

// A law while it is being computed: in ps or bytes.
struct Line {
    AffineFit fit;
    std::size_t readings = 1;
    double unclamped_base = 0; // what the base came out as
    double lowest_reading = 0; // of several readings of one cost
    double highest_reading = 0;
    std::vector<std::pair<std::int64_t, double>> points{}; // of a table, whose last value `fit.base` is
    double largest_fall = 0;                               // that was flattened, as a share of what it fell from

    // At an amount; a table's, linear between two points and flat beyond its ends.
    [[nodiscard]] double at(double amount) const {
        if (points.empty()) return fit(amount);
        const auto above =
            std::ranges::find_if(points, [&](const auto& point) { return static_cast<double>(point.first) >= amount; });
        if (above == points.end()) return points.back().second;
        if (above == points.begin()) return above->second;
        const auto [from, low] = *std::prev(above);
        const auto [to, high] = *above;
        return low + (high - low) * (amount - static_cast<double>(from)) / static_cast<double>(to - from);
    }
};

using Lines = std::array<std::optional<Line>, costs>;

const ProbeSummary* find(std::span<const ProbeSummary> probes, std::string_view name, std::int64_t amount) {
    for (const ProbeSummary& probe : probes)
        if (probe.probe == name && probe.amount == amount) return &probe;
    return nullptr;
}

// The probe's figure had only these rounds been run.
double figure(const ProbeSummary& probe, std::span<const std::size_t> drawn) {
    std::vector<double> medians;
    for (const std::size_t round : drawn)
        if (round < probe.rounds.size() && probe.rounds[round]) medians.push_back(*probe.rounds[round]);
    return medians.empty() ? probe.median : median(medians);
}

// How often a part is in what is seen at that amount of the quantity.
double times_of(const Part& part, double amount) {
    if (part.every == 0) return part.times;
    const auto in_piece = [&](double of_amount) {
        return std::max(std::ceil(of_amount / static_cast<double>(part.every)) - part.spared, 0.0);
    };
    if (part.piece == 0) return part.times * in_piece(amount);
    const double piece = static_cast<double>(part.piece), pieces = std::floor(amount / piece);
    return part.times * (pieces * in_piece(piece) + in_piece(amount - pieces * piece));
}

// What the parts cost together at an amount of the quantity that laws over one are taken at.
std::optional<double> cost_of(const std::vector<Part>& parts, const Lines& lines, double amount) {
    double sum = 0;
    for (const Part& part : parts) {
        const std::optional<Line>& line = lines[static_cast<std::size_t>(part.cost)];
        if (!line) return std::nullopt;
        sum += times_of(part, amount) * line->at(amount);
    }
    return sum;
}

// What the reading says at one amount of its probe.
std::optional<double> seen_by(const Reading& reading, const ProbeSummary& probe, std::span<const ProbeSummary> probes,
                              std::span<const std::size_t> drawn) {
    const double seen = figure(probe, drawn);
    if (reading.minus.empty()) return seen;
    const ProbeSummary* const minus = find(probes, reading.minus, probe.amount);
    return minus != nullptr ? std::optional(seen - figure(*minus, drawn)) : std::nullopt;
}

std::optional<Line> constant_line(const MarginalLaw& law, std::span<const ProbeSummary> probes, const Lines& lines,
                                  std::span<const std::size_t> drawn) {
    std::vector<double> readings;
    for (const Reading& reading : law.readings) {
        for (const ProbeSummary& probe : probes) {
            if (probe.held_out || probe.probe != reading.probe) continue;
            const std::optional<double> excluded = cost_of(law.excludes, lines, static_cast<double>(probe.amount));
            if (!excluded) return std::nullopt;
            if (const std::optional<double> seen = seen_by(reading, probe, probes, drawn))
                readings.push_back((*seen - *excluded) / reading.times);
        }
    }
    if (readings.empty()) return std::nullopt;
    const auto [lowest, highest] = std::minmax_element(readings.begin(), readings.end());
    Line line{{}, readings.size(), median(readings), *lowest, *highest};
    line.fit.base = std::max(0.0, line.unclamped_base);
    line.fit.clamped = line.unclamped_base < 0;
    return line;
}

std::optional<Line> affine_line(const MarginalLaw& law, std::span<const ProbeSummary> probes, const Lines& lines,
                                std::span<const std::size_t> drawn) {
    std::vector<FitPoint> observations;
    for (const ProbeSummary& probe : probes) {
        if (probe.held_out || probe.probe != law.readings.front().probe) continue;
        const auto amount = static_cast<double>(probe.amount);
        const std::optional<double> excluded = cost_of(law.excludes, lines, amount);
        if (!excluded) return std::nullopt;
        const double seen = figure(probe, drawn);
        observations.push_back({amount, seen - *excluded, seen}); // what is left is judged by what was seen
    }
    if (observations.empty()) return std::nullopt;
    Line line;
    line.fit = fit_affine(observations);
    line.unclamped_base = line.lowest_reading = line.highest_reading = line.fit.base;
    return line;
}

// Through the figures; what falls is held at what it had reached.
std::optional<Line> table_line(const MarginalLaw& law, std::span<const ProbeSummary> probes, const Lines& lines,
                               std::span<const std::size_t> drawn) {
    Line line;
    if (law.shape == Shape::table_from_nothing) line.points.emplace_back(0, 0.0);
    if (law.shape == Shape::table_from_one) line.points.emplace_back(1, 0.0);
    const std::size_t given = line.points.size();
    double reached = 0;
    for (const ProbeSummary& probe : probes) {
        if (probe.held_out || probe.probe != law.readings.front().probe) continue;
        if (!line.points.empty() && probe.amount <= line.points.back().first) continue;
        const std::optional<double> excluded = cost_of(law.excludes, lines, static_cast<double>(probe.amount));
        if (!excluded) return std::nullopt;
        const std::optional<double> seen = seen_by(law.readings.front(), probe, probes, drawn);
        if (!seen) continue;
        const double left = *seen - *excluded;
        if (left < 0) line.fit.clamped = true;
        if (left < reached) line.largest_fall = std::max(line.largest_fall, (reached - left) / reached);
        reached = std::max(reached, left);
        line.points.emplace_back(probe.amount, reached);
    }
    if (line.points.size() == given) return std::nullopt;
    line.fit.base = line.unclamped_base = line.lowest_reading = line.highest_reading = line.points.back().second;
    return line;
}

std::optional<Line> line_of(const MarginalLaw& law, std::span<const ProbeSummary> probes, const Lines& lines,
                            std::span<const std::size_t> drawn) {
    if (law.over && law.shape != Shape::line) return table_line(law, probes, lines, drawn);
    return law.over ? affine_line(law, probes, lines, drawn) : constant_line(law, probes, lines, drawn);
}

Lines compute(std::span<const ProbeSummary> probes, std::span<const std::size_t> drawn) {
    Lines lines;
    for (const MarginalLaw& law : marginal_laws())
        lines[static_cast<std::size_t>(law.cost)] = line_of(law, probes, lines, drawn);
    return lines;
}

std::uint32_t rounds_of(const ProbeSummary& probe) {
    const auto had_samples = [](const std::optional<double>& round) { return round.has_value(); };
    return static_cast<std::uint32_t>(std::count_if(probe.rounds.begin(), probe.rounds.end(), had_samples));
}

// What each of the law's probes said at each amount, the parts it contains taken off, beside what the law says there.
std::vector<MeasuredPoint> points_of(const MarginalLaw& row, const Law& law, std::span<const ProbeSummary> probes,
                                     const Lines& lines) {
    std::vector<MeasuredPoint> points;
    for (const Reading& reading : row.readings) {
        const std::size_t first = points.size();
        for (const ProbeSummary& probe : probes) {
            if (probe.probe != reading.probe) continue;
            const ProbeSummary* const minus =
                reading.minus.empty() ? nullptr : find(probes, reading.minus, probe.amount);
            const auto amount = static_cast<double>(probe.amount);
            const std::optional<double> excluded = cost_of(row.excludes, lines, amount);
            if (!excluded || (minus == nullptr) != reading.minus.empty()) continue;
            const double off = *excluded + (minus == nullptr ? 0 : minus->median);
            MeasuredPoint point;
            point.probe = reading.probe;
            point.at = probe.amount;
            point.seen = probe.median;
            point.value = (probe.median - off) / reading.times;
            point.interval = {(probe.interval.low - off) / reading.times, (probe.interval.high - off) / reading.times};
            point.samples = probe.samples;
            point.dropped = probe.dropped;
            point.rounds = rounds_of(probe);
            point.held_out = probe.held_out;
            const auto charged = evaluate(law, row.over ? Amounts(*row.over, probe.amount) : Amounts{});
            if (point.seen > 0) point.error = (static_cast<double>(charged) - point.value) / point.seen;
            points.push_back(std::move(point));
        }
        std::sort(points.begin() + static_cast<std::ptrdiff_t>(first), points.end(),
                  [](const MeasuredPoint& a, const MeasuredPoint& b) { return a.at < b.at; });
        if (row.over) break; // over the first one's amounts
    }
    return points;
}

Origin origin_of(const MarginalLaw& law, std::span<const ProbeSummary> probes) {
    Origin origin;
    origin.probe = law.readings.front().probe;
    for (const Reading& reading : law.readings) {
        for (const ProbeSummary& probe : probes) {
            if (probe.held_out || probe.probe != reading.probe) continue;
            origin.samples += probe.samples;
            origin.rounds = std::max(origin.rounds, rounds_of(probe));
            if (origin.warning.empty() && !probe.warning.empty())
                origin.warning = fmt::format("probe {}: {}", probe.name(), probe.warning);
        }
    }
    return origin;
}

// What is wrong with a law, in one sentence; the gravest first.
std::string warning_about(const MarginalLaw& law, const Line& line) {
    if (line.fit.clamped)
        return law.over ? "part of the fit came out negative and was held at 0"
                        : fmt::format("came out at {:.1f} ns and was held at 0", line.unclamped_base / 1000);
    if (line.largest_fall > most_fit_error)
        return fmt::format("more of it took up to {:.0f} % less, and was held at what less took",
                           line.largest_fall * 100);
    if (law.over && line.fit.largest_error > most_fit_error)
        return fmt::format("no straight line: the fit misses a measured value by {:.0f} %",
                           line.fit.largest_error * 100);
    const double spread = line.highest_reading - line.lowest_reading;
    if (line.readings > 1 && spread > 0.5 * std::abs(line.unclamped_base))
        return fmt::format("{} readings of it range from {:.0f} to {:.0f} ns", line.readings,
                           line.lowest_reading / 1000, line.highest_reading / 1000);
    return {};
}

std::string warning_about_held_out(const Origin& origin) {
    for (const MeasuredPoint& point : origin.points)
        if (point.held_out && std::abs(point.error) > most_held_out_error &&
            std::abs(point.error) == quality_of_fit(origin, true).largest_error)
            return fmt::format("between the amounts it was fitted to it is off by {:.0f} % (at {})",
                               std::abs(point.error) * 100, point.at);
    return {};
}

} // namespace

FittedLaws fit_laws(std::span<const ProbeSummary> probes, const BootstrapOptions& options) {
    std::size_t rounds = 0;
    for (const ProbeSummary& probe : probes) rounds = std::max(rounds, probe.rounds.size());
    FittedLaws fitted;
    if (rounds == 0) return fitted;

    std::vector<std::size_t> every_round(rounds);
    for (std::size_t round = 0; round < rounds; ++round) every_round[round] = round;
    const Lines lines = compute(probes, every_round);
    const auto bases = [&](std::span<const std::size_t> drawn) {
        std::vector<double> values;
        for (const std::optional<Line>& line : compute(probes, drawn)) values.push_back(line ? line->fit.base : 0);
        return values;
    };
    const std::vector<Interval> intervals = bootstrap_over_rounds(rounds, bases, options);

    for (const MarginalLaw& row : marginal_laws()) {
        const auto index = static_cast<std::size_t>(row.cost);
        const std::string_view name = describe(row.cost).name;
        const std::optional<Line>& line = lines[index];
        if (!line) {
            fitted.warnings.push_back(fmt::format("{}: not measured", name));
            continue;
        }
        Law law = !line->points.empty() ? Law::table(*row.over, line->points)
                  : row.over            ? Law::affine(line->fit.base, {{*row.over, line->fit.per_unit}})
                                        : Law::constant_of(line->fit.base);
        // Several readings that differ say more about the uncertainty than rounds that agree.
        Interval interval = intervals[index];
        if (line->readings > 1) {
            interval.low = std::min(interval.low, std::max(0.0, line->lowest_reading));
            interval.high = std::max(interval.high, std::max(0.0, line->highest_reading));
        }
        law.interval = interval;
        law.origin = origin_of(row, probes);
        law.origin.points = points_of(row, law, probes, lines);
        const std::string warning = warning_about(row, *line);
        if (!warning.empty())
            law.origin.warning = warning;
        else if (law.origin.warning.empty())
            law.origin.warning = warning_about_held_out(law.origin);
        if (!law.origin.warning.empty()) fitted.warnings.push_back(fmt::format("{}: {}", name, law.origin.warning));
        fitted.law[index] = std::move(law);
    }
    return fitted;
}

} // namespace switchyard::lab
