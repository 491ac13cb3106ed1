// A scenario run for real by this machine's operating system.
//
// The starter compiles the scenario (native/plan), starts `switchyard-runner` in a session of its own, keeps an eye on
// it, and reads what it recorded. Whatever happens to either of them, nothing of the run stays behind.
//
// Every task, children too, draws the amounts it draws in the simulator: the plan holds them (native/plan/compile.hpp).
//
// What a run knows, and how:
//   makespan   from the instant all tasks become ready (one futex releases them) to the end of the last task: the
//              instant its last operation is over. What the kernel does to bury it comes after, and counts where
//              another task of the scenario waits for it.
//   speed      how fast the processor really was: its clock wanders by percents within seconds, far more than what
//              switching costs. Pieces of the work itself are timed while the run goes on; see
//              native/execute/speed.hpp.
//   pure work  the makespan if everything but the work were free, which the caller computes at nominal speed
//              (`ideal_makespan`), divided by that speed. So overhead = makespan - pure work is what the design costs,
//              at the clock the processor had; without the speed it would drown in the clock's wandering.
//   work       what all tasks together, children too, were asked to compute, as they counted it; likewise.
//   What the rest of the cores' time went into cannot be told from outside the kernel, so time by category is absent.
//   switches   what getrusage(2) says, the barrier's taken off; a thread's end counts as a voluntary switch. Switches
//   of
//              coroutines and fibers are counted by the event loop that makes them.
//   messages   what programs sent through channels, and how many bytes of it went in, as they counted it.
//   requests   CLOCK_MONOTONIC, from the job's release or the beginning until the first to answer it.
//   jobs       release, which is an instant of CLOCK_MONOTONIC, until done; each waits with clock_nanosleep(2).
//   scheduling what the kernel refused, and in what the machine's scheduling is not the scenario's, is in the notes.
//   captured   where asked for: run lengths, wake-up latencies, switches and shares, from the kernel's own events; or
//              shares, migrations and waiting from its counters, and no distributions.
//   tasks      turnaround, response and, for those the kernel knows, CPU time; instances of the scenario's templates,
//              not the children they start (which do count for makespan, work and switches).
#pragma once

#include "models/report/report.hpp"
#include "models/scenario/scenario.hpp"
#include "models/trace/event.hpp"
#include "native/capture/recording.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <vector>

namespace switchyard::native {

struct ExecuteOptions {
    // The processors that stand for the scenario's cores; empty: the first the program may use, without the very first
    // where there are more than needed (processor 0 serves most interrupts).
    std::vector<int> cpus{};
    // Of the work loop at nominal speed (CostProfile::iteration_picoseconds); 0: measured now, and that is nominal.
    double iteration_picoseconds = 0;
    // The makespan of the scenario if everything but its work were free, at nominal speed; absent: no pure work.
    std::optional<Duration> ideal_makespan{};
    // Record the kernel's scheduling events, where it lets us (native/capture): run lengths, wake-up latencies, shares.
    // Where it does not, or counters are asked for, its counters say shares, migrations and how long tasks waited.
    bool capture = false;
    EventSource events = EventSource::best;
    Trace* trace = nullptr; // they are stored here where given; for `capture` only
    // The beginning is put off by so much, for another phase against the machine's timer tick.
    std::chrono::nanoseconds start_delay{};
    // After so long the run is killed; absent: a minute and five times `ideal_makespan`.
    std::optional<std::chrono::milliseconds> time_limit{};
    // The runner's executable; empty: $SWITCHYARD_RUNNER, or `switchyard-runner` beside the running program.
    std::filesystem::path runner{};
    std::stop_token stop{};
};

// Runs a valid scenario once. A run that exceeds its time limit is `deadlocked` where every task left waits for
// another, otherwise `interrupted`; the diagnosis says who waits for what.
//
// Throws InputError where the scenario cannot run natively (`why_not_native`) or wants more cores than there are, and
// SystemError where the machine refuses something, the runner is missing or dies, or a stop is requested.
[[nodiscard]] Report execute(const Scenario& scenario, const ExecuteOptions& options = {});

// The processors `execute` would choose for that many cores. Throws InputError where there are fewer.
[[nodiscard]] std::vector<int> cpus_for(std::uint32_t cores);

// The runner `execute` would start. Throws SystemError, saying what to do, where there is none.
[[nodiscard]] std::filesystem::path find_runner(const std::filesystem::path& wanted = {});

} // namespace switchyard::native
