#include "lab/suite/drift.hpp"

#include "lab/calibrate/calibrate.hpp"

#include <algorithm>

namespace switchyard::lab {

void DriftWatch::measure() {
    CalibrationOptions options;
    // No fork: a probe's process is one of this one, which has grown by then, and its forks copy what this one has.
    options.only = {"system_call", "yield_thread", "futex_thread", "pipe_process"};
    options.quick = true;
    options.rounds = 1;
    options.stop = stop_;
    const auto now = calibrate(options);
    if (!now || now->profile.iteration_picoseconds <= 0) return;
    if (iteration_picoseconds_ == 0) iteration_picoseconds_ = now->profile.iteration_picoseconds;
    for (const ProbeSummary& probe : now->probes) {
        const double figure = probe.median * iteration_picoseconds_ / now->profile.iteration_picoseconds;
        auto known = std::ranges::find(figures_, probe.name(), &Drift::probe);
        if (known == figures_.end()) known = figures_.insert(known, {probe.name(), {}});
        known->figures.push_back(figure);
    }
}

} // namespace switchyard::lab
