// What the machine does while a suite is run for minutes: some primitives are measured again between its rounds.
#pragma once

#include "lab/suite/validation.hpp"

#include <stop_token>
#include <vector>

namespace switchyard::lab {

// Measures system calls, switches and hand-overs for a second or two, and appends the figures, at the clock of the
// first time. Nothing is added where a stop was requested. Throws SystemError where no process can
// be started.
class DriftWatch {
public:
    explicit DriftWatch(std::stop_token stop) : stop_(std::move(stop)) {}

    void measure();
    [[nodiscard]] const std::vector<Drift>& figures() const { return figures_; }

private:
    std::stop_token stop_;
    double iteration_picoseconds_ = 0; // of the work loop, the first time
    std::vector<Drift> figures_;
};

} // namespace switchyard::lab
