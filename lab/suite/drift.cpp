#include "lab/suite/drift.hpp"

#include "lab/calibrate/summary.hpp"
#include "models/fit/statistics.hpp"
#include "native/measurement/isolation.hpp"
#include "native/probes/run.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

namespace switchyard::lab {

// Each probe three times, in processes of their own: where its pages happen to lie is part of a figure.
static constexpr std::size_t times = 3;
static constexpr double nanoseconds_of_each = 10e6;

DriftWatch::DriftWatch(const CostProfile& profile, std::stop_token stop)
    : profile_(profile), stop_(std::move(stop)), scale_(native::calibrate_time_stamps()) {}

CostRatios DriftWatch::measure() {
    std::array<std::vector<double>, drift_families> figures; // in iterations of the work loop
    const int cpu = native::allowed_cpus().back();           // where a calibration's stopwatches stand
    for (std::size_t time = 0; time < times; ++time)
        for (std::size_t i = 0; i < drift_families; ++i) {
            const DriftFamily& family = families_of_drift()[i];
            const native::Probe& probe = *native::probe_named(family.probe);
            const native::ProbeResult result =
                native::run_probe(probe, {scale_, nanoseconds_of_each, family.amount}, cpu, stop_);
            if (stop_.stop_requested()) return {};
            const RoundFigure figure = figure_of(probe, result.samples);
            if (!figure.median || figure.iteration_picoseconds <= 0) continue;
            if (iteration_picoseconds_ == 0) iteration_picoseconds_ = figure.iteration_picoseconds;
            figures[i].push_back(*figure.median);
        }
    CostRatios ratios;
    for (std::size_t i = 0; i < drift_families; ++i) {
        if (figures[i].empty()) continue;
        const DriftFamily& family = families_of_drift()[i];
        const double now = median(figures[i]);
        const std::string name =
            family.amount == 0 ? std::string(family.probe) : fmt::format("{} at {}", family.probe, family.amount);
        auto known = std::ranges::find(figures_, name, &Drift::probe);
        if (known == figures_.end()) known = figures_.insert(known, {name, {}});
        known->figures.push_back(now * iteration_picoseconds_);
        if (const std::optional<double> then = calibrated_figure(profile_, family))
            ratios[i] = now * profile_.iteration_picoseconds / *then;
    }
    return ratios;
}

} // namespace switchyard::lab
