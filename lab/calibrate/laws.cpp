#include "lab/calibrate/laws.hpp"

#include "models/fit/least_squares.hpp"
#include "models/fit/statistics.hpp"
#include "native/probes/probe.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace switchyard::lab {

namespace {

// One send and one receive without waiting; for each piece of what is sent through a stream.
MarginalLaw transfer(Cost cost, std::string_view probe, std::int64_t piece = 0) {
    return {cost, {{probe}}, {{Cost::system_call, 2, piece}}, Quantity::bytes, Shape::table};
}

// A pipe keeps two pages when it is empty and needs others for what is more (sim/ipc/channel_state.hpp).
constexpr std::int64_t page = 4096;
constexpr int kept_pages = 2;
constexpr double got_pages = 1 - kept_pages / (native::bytes_at_once / static_cast<double>(page)); // of a filled pipe's

MarginalLaw transfer_in_pages(Cost cost, std::string_view probe) {
    MarginalLaw law = transfer(cost, probe, native::bytes_at_once);
    law.excludes.push_back({Cost::pipe_page, 1, page, kept_pages, native::bytes_at_once});
    return law;
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

} // namespace

const std::vector<MarginalLaw>& marginal_laws() {
    using enum Cost;
    constexpr std::int64_t piece = native::bytes_at_once;
    static const std::vector<MarginalLaw> table{
        {system_call, {{"system_call"}}, {}, {}},
        {yield, {{"yield_alone"}}, {{system_call}}, {}},
        {switch_context, {{"yield_thread"}}, {{system_call}, {yield}}, {}},
        {switch_address_space,
         {{"yield_process", "yield_thread"}, {"futex_process", "futex_thread_shared"}, {"pipe_process", "pipe_thread"}},
         {},
         {}},
        {switch_displaced,
         {{"yield_ring_thread"}},
         {{system_call}, {yield}, {switch_context}},
         Quantity::others_since,
         Shape::table_from_one},
        {switch_address_space_displaced,
         {{"yield_ring_process", "yield_ring_thread"}},
         {{switch_address_space}},
         Quantity::others_since,
         Shape::table_from_one},
        {atomic_operation, {{"lock_uncontended"}}, {}, {}},
        // A hop gives the turn away and looks whether it is back: two words touched, as by a semaphore's two ends.
        {wake_up, {{"futex_thread"}}, {{system_call, 2}, {switch_context}, {atomic_operation, 2}}, {}},
        {timer_wake_up_idle, {{"timer_wake_up_idle"}}, {}, {}},
        {timer_wake_up_busy, {{"timer_wake_up_busy"}}, {{switch_context}}, {}},
        {wake_up_remote, {{"wake_up_remote"}}, {{system_call}, {wake_up}}, Quantity::idle_microseconds, Shape::table},
        {wake_up_remote_busy, {{"wake_up_remote_busy"}}, {{system_call}, {wake_up}, {switch_context}}, {}},
        // However long that core has been idle.
        {wake_up_interrupt, {{"wake_up_interrupt"}}, {{system_call}, {wake_up}}, {}},
        {futex_shared, {{"futex_thread_shared", "futex_thread"}}, {}, {}},
        {pipe_page, {{"pipe_filled", "pipe_alone", got_pages}}, {}, {}},
        transfer_in_pages(pipe_transfer, "pipe_alone"),
        transfer_in_pages(fifo_transfer, "fifo_alone"),
        transfer(message_queue_transfer, "message_queue_alone"),
        transfer(system_v_queue_transfer, "system_v_queue_alone"),
        transfer(unix_stream_transfer, "unix_stream_alone", piece),
        transfer(unix_datagram_transfer, "unix_datagram_alone"),
        transfer(tcp_transfer, "tcp_alone", piece),
        {eventfd_transfer, {{"eventfd_alone"}}, {{system_call, 2}}, {}},
        {signal_delivery, {{"signal_alone"}}, {{system_call, 2}}, {}},
        {epoll_wait, {{"epoll_wait"}}, {{system_call}}, {}},
        {epoll_control, {{"epoll_rearm"}}, {{system_call}}, {}},
        {io_uring_submit, {{"io_uring_submit"}}, {{system_call}}, {}},
        {io_uring_completion, {{"io_uring_completion"}}, {}, {}},
        {memory_copy, {{"memory_copy"}}, {}, Quantity::bytes, Shape::table},
        {switch_coroutine, {{"coroutine_switch"}}, {}, {}},
        {switch_coroutine_displaced,
         {{"coroutine_ring"}},
         {{switch_coroutine}},
         Quantity::others_since,
         Shape::table_from_one},
        {switch_fiber, {{"fiber_switch"}}, {}, {}},
        {coroutine_create, {{"coroutine_create"}}, {{switch_coroutine}}, {}},
        {fiber_create, {{"fiber_create"}}, {{switch_fiber}}, {}},
        {thread_create, {{"thread_create"}}, {}, {}},
        {thread_exit, {{"thread_life"}}, {{thread_create}, {system_call}, {switch_context, 2}, {wake_up}}, {}},
        {fork_table, {{"fork_tables"}}, {}, {}},
        {fork_huge_page, {{"fork_huge_pages"}}, {}, {}},
        {fork_region, {{"fork_regions"}}, {}, {}},
        {fork_descriptor, {{"fork_descriptors"}}, {}, {}},
        {process_exit_table, {{"fork_life_tables"}}, {{fork_table}}, {}},
        {process_exit_huge_page, {{"fork_life_huge_pages"}}, {{fork_huge_page}}, {}},
        {process_exit_region, {{"fork_life_regions"}}, {{fork_region}}, {}},
        {process_exit_descriptor, {{"fork_life_descriptors"}}, {{fork_descriptor}}, {}},
        {process_reap, {{"process_reap"}}, {{system_call}}, {}},
        {fork, {{"fork_call"}}, {{fork_table, 1, pages_of_page_table}}, Quantity::pages},
        {process_exit,
         {{"fork_life"}},
         {{fork},
          {fork_table, 1, pages_of_page_table},
          {process_exit_table, 1, pages_of_page_table},
          {process_reap},
          {system_call},
          {switch_context, 2},
          {switch_address_space, 2},
          {wake_up}},
         Quantity::pages},
        {vfork, {{"vfork_life"}}, {{process_reap}, {system_call}, {switch_context, 2}, {wake_up}}, {}},
        // The child leaves in the parent's address space and comes back from one of its own.
        {exec,
         {{"spawn_life"}},
         {{vfork},
          {process_exit},
          {process_reap},
          {system_call},
          {switch_context, 2},
          {switch_address_space},
          {wake_up}},
         {}},
        {sleep_overshoot, {{"sleep_overshoot_precise"}}, {{system_call}}, {}},
        {timer_slack, {{"sleep_overshoot", "sleep_overshoot_precise"}}, {}, {}},
        {tick, {{"tick"}}, {}, {}},
        {interruptions, {{"busy_tick_period"}}, {{tick}}, {}},
        {cache_line_transfer, {{"cache_line_hand_over"}}, {{atomic_operation}}, {}},
        {migration, {{"call_after_moving", "call_after_staying"}}, {}, {}},
        {cache_refill, {{"refill_shared"}}, {}, Quantity::bytes, Shape::table_from_nothing},
        {cache_refill_core, {{"refill_core"}}, {}, Quantity::bytes, Shape::table_from_nothing},
        {cache_refill_memory, {{"refill_memory"}}, {}, Quantity::bytes, Shape::table_from_nothing},
        // A fault is what the reference takes longer than if the page had been there, its translation being unknown.
        {memory_reference, {{"visit_few_pages"}}, {}, {}},
        {walk_level, {{"visit_many_pages", "visit_few_pages"}}, {}, {}},
        {fault_anonymous, {{"fault_anonymous"}}, {{memory_reference}, {walk_level}}, {}},
        {fault_zero_page, {{"fault_zero_page"}}, {{memory_reference}, {walk_level}}, {}},
        {fault_after_zero_page, {{"fault_after_zero_page"}}, {{memory_reference}, {walk_level}}, {}},
        {fault_copy, {{"fault_copy"}}, {{memory_reference}, {walk_level}}, {}},
        {fault_reuse, {{"fault_reuse"}}, {{memory_reference}, {walk_level}}, {}},
        {fault_shared, {{"fault_shared"}}, {{memory_reference}, {walk_level}}, {}},
        {fault_page_cache, {{"fault_page_cache"}}, {{memory_reference}, {walk_level}}, Quantity::pages},
        {fault_huge, {{"fault_huge"}}, {{memory_reference}, {walk_level}}, {}},
        {memory_map, {{"memory_map"}}, {{system_call}}, {}},
        {memory_unmap, {{"memory_unmap"}}, {{system_call}}, Quantity::pages},
        {memory_protect, {{"memory_protect"}}, {{system_call}}, Quantity::pages},
        {tlb_invalidate, {{"memory_protect_few"}}, {{system_call}, {memory_protect}}, Quantity::pages},
        {tlb_shootdown, {{"memory_protect_seen", "memory_protect_few"}}, {}, {}},
        {tlb_shootdown_interrupted, {{"protect_interrupted"}}, {}, Quantity::pages},
        {disk_read, {{"disk_read"}}, {}, Quantity::pages},
        {disk_write, {{"disk_write"}}, {}, Quantity::pages},
        {process_resident, {{"process_resident"}}, {}, {}},
        {process_kernel, {{"process_kernel"}}, {}, {}},
        {thread_reserved, {{"thread_reserved"}}, {}, {}},
        {thread_resident, {{"thread_resident"}}, {}, {}},
        {thread_kernel, {{"thread_kernel"}}, {}, {}},
        {coroutine_resident, {{"coroutine_resident"}}, {}, {}},
        {fiber_reserved, {{"fiber_reserved"}}, {}, {}},
        {fiber_resident, {{"fiber_resident"}}, {}, {}},
        {cache_private, {{"cache_private"}}, {}, {}},
        {cache_private_way, {{"cache_private_way"}}, {}, {}},
        {cache_shared, {{"cache_shared"}}, {}, {}},
    };
    return table;
}

namespace {

constexpr double most_fit_error = 0.10; // of the measured value, before a fit is called poor

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
            if (probe.probe != reading.probe) continue;
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
    std::vector<Observation> observations;
    for (const ProbeSummary& probe : probes) {
        if (probe.probe != law.readings.front().probe) continue;
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
        if (probe.probe != law.readings.front().probe) continue;
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

Origin origin_of(const MarginalLaw& law, std::span<const ProbeSummary> probes) {
    Origin origin;
    origin.probe = law.readings.front().probe;
    for (const Reading& reading : law.readings) {
        for (const ProbeSummary& probe : probes) {
            if (probe.probe != reading.probe) continue;
            origin.samples += probe.samples;
            const auto had_samples = [](const std::optional<double>& round) { return round.has_value(); };
            const auto rounds = std::count_if(probe.rounds.begin(), probe.rounds.end(), had_samples);
            origin.rounds = std::max(origin.rounds, static_cast<std::uint32_t>(rounds));
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
        const std::string warning = warning_about(row, *line);
        if (!warning.empty()) law.origin.warning = warning;
        if (!law.origin.warning.empty()) fitted.warnings.push_back(fmt::format("{}: {}", name, law.origin.warning));
        fitted.law[index] = std::move(law);
    }
    return fitted;
}

} // namespace switchyard::lab
