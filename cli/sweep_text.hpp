// What `switchyard sweep` says: how far it is, what it came to, what it would do.
#pragma once

#include "cli/progress.hpp"
#include "lab/sweep/coordinator.hpp"
#include "lab/sweep/planned_work.hpp"

#include <chrono>
#include <deque>
#include <stop_token>
#include <string>

namespace switchyard::cli {

// A bar on a terminal; elsewhere a line every ten seconds. On standard error.
class SweepProgressText {
public:
    explicit SweepProgressText(const std::string& title);
    void show(const lab::SweepProgress& progress);

private:
    struct Moment {
        double seconds = 0;
        std::uint64_t units = 0;
        std::uint64_t points = 0;
    };
    ProgressBar bar_;
    bool terminal_;
    std::deque<Moment> lately_; // some ten seconds: what was there already went by faster
    double last_line_ = 0;
};

// Points computed, found there, failed, and how fast.
[[nodiscard]] std::string summary_of(const lab::SweepProgress& progress);

// What the sweep is, how many points it has, and, from some of them that are computed for two seconds, how long it
// takes.
void print_plan(const lab::PlannedWork& work, const lab::Schedule& schedule, std::size_t workers,
                const std::stop_token& stop);

} // namespace switchyard::cli
