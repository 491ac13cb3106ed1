#include "lab/compare/cost_drift.hpp"

#include "models/fit/statistics.hpp"

#include <cmath>
#include <vector>

namespace switchyard::lab {

namespace {

using enum Cost;

constexpr std::array calls{system_call,     yield,         futex,           futex_shared,
                           epoll_wait,      epoll_control, io_uring_submit, eventfd_transfer,
                           signal_delivery, memory_map,    memory_protect};
constexpr std::array switches{switch_context, switch_preempted, switch_address_space, switch_displaced,
                              switch_address_space_displaced};
constexpr std::array wake_ups{wake_up};
constexpr std::array transfers{pipe_transfer,           pipe_page,
                               fifo_transfer,           message_queue_transfer,
                               system_v_queue_transfer, unix_stream_transfer,
                               unix_datagram_transfer,  tcp_transfer,
                               tcp_acknowledgement};
constexpr std::array first_accesses{fault_anonymous, fault_zero_page, fault_after_zero_page, fault_shared,
                                    fault_page_cache};
constexpr std::array copies{fault_copy, fault_reuse};
constexpr std::array unmapping{memory_unmap};
constexpr std::array forks{
    fork,         fork_table,         fork_huge_page,         fork_region,         fork_descriptor,
    process_exit, process_exit_table, process_exit_huge_page, process_exit_region, process_exit_descriptor,
    process_reap};
constexpr std::array vforks{vfork, exec};
constexpr std::array threads{thread_create, thread_exit};

// Amounts at which the profile has the probe.
constexpr std::array<DriftFamily, drift_families> families{{
    {"system calls", "system_call", 0, calls},
    {"switches", "yield_thread", 0, switches},
    {"wake-ups", "futex_thread", 0, wake_ups},
    {"transfers", "pipe_alone", 4096, transfers},
    {"first accesses", "fault_anonymous", 1024, first_accesses},
    {"copies", "fault_copy", 1024, copies},
    {"unmapping", "memory_unmap", 2048, unmapping},
    {"forks", "fork_life", 1024, forks},
    {"vforks", "vfork_life", 0, vforks},
    {"threads", "thread_life", 0, threads},
}};

std::int64_t times(std::int64_t fixed_point, double ratio) {
    return to_fixed_point(from_fixed_point(fixed_point) * ratio);
}

} // namespace

const std::array<DriftFamily, drift_families>& families_of_drift() { return families; }

std::optional<double> calibrated_figure(const CostProfile& profile, const DriftFamily& family) {
    for (const std::optional<Law>& law : profile.law) {
        if (!law) continue;
        for (const MeasuredPoint& point : law->origin.points)
            if (point.probe == family.probe && point.at == family.amount && point.seen > 0) return point.seen;
    }
    return std::nullopt;
}

CostRatios between(const CostRatios& before, const CostRatios& after) {
    CostRatios ratios = after;
    for (std::size_t i = 0; i < ratios.size(); ++i)
        if (before[i]) ratios[i] = after[i] ? std::sqrt(*before[i] * *after[i]) : *before[i];
    return ratios;
}

CostRatios median_of(std::span<const CostRatios> readings) {
    CostRatios ratios;
    for (std::size_t i = 0; i < ratios.size(); ++i) {
        std::vector<double> known;
        for (const CostRatios& reading : readings)
            if (reading[i]) known.push_back(*reading[i]);
        if (!known.empty()) ratios[i] = median(known);
    }
    return ratios;
}

CostRatios at_speed(const CostRatios& in_cycles, double speed) {
    CostRatios ratios = in_cycles;
    for (std::optional<double>& ratio : ratios)
        if (ratio) *ratio /= speed;
    return ratios;
}

CostProfile scaled(CostProfile profile, const CostRatios& ratios) {
    for (std::size_t i = 0; i < ratios.size(); ++i) {
        if (!ratios[i]) continue;
        for (const Cost cost : families[i].costs) {
            std::optional<Law>& law = profile[cost];
            if (!law) continue;
            law->base = times(law->base, *ratios[i]);
            for (Law::Term& term : law->terms) term.coefficient = times(term.coefficient, *ratios[i]);
            for (Law::Point& point : law->points) point.value = times(point.value, *ratios[i]);
            if (law->interval)
                law->interval = Interval{law->interval->low * *ratios[i], law->interval->high * *ratios[i]};
        }
    }
    return profile;
}

} // namespace switchyard::lab
