// A probe: one way to take samples of what one primitive costs on this machine, as a stopwatch sees it.
//
// What a probe sees is raw: a futex hand-over contains two system calls, a wake-up and a switch. Laying samples apart
// into marginal laws is not its affair (lab/calibrate).
#pragma once

#include "models/machine/cost.hpp"
#include "models/machine/law.hpp"
#include "native/measurement/cycles.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace switchyard::native {

// One measurement.
struct Sample {
    double value = 0;                 // nanoseconds for one operation at the speed there was, or bytes
    double iteration_picoseconds = 0; // of the work loop around it; 0: nothing the processor's speed would change
    double disagreement = 0;          // of the brackets before and after
};

// What the processor's speed means for a sample.
enum class Bracketing : std::uint8_t {
    gated,      // the cost is in cycles; brackets that disagree discard the sample
    normalised, // likewise, but the operation itself moves the speed, so nothing is discarded
    none,       // timers and memory: cycles have no part in it
};

// Probes of byte streams send no more at once: what a pipe holds, unless it is told otherwise (pipe(7)).
inline constexpr std::int64_t bytes_at_once = 64 << 10;

// How a probe is run once: in a child of its own, pinned, isolated.
struct ProbeRun {
    TimeStampScale scale;
    double budget_nanoseconds = 100e6; // to spend on sampling, about
    std::int64_t amount = 0;           // of the probe's quantity
    std::optional<int> other_cpu = {}; // a processor besides the one it is pinned to, for a probe that needs two
};

struct Probe {
    std::string_view name;
    std::string_view about; // the sequence that is timed
    CostUnit unit = CostUnit::picoseconds;
    Bracketing bracketing = Bracketing::gated;
    std::size_t least_of = 1;              // samples of which only the least counts: 1 below 10 us
    double weight = 1;                     // of its share of the time there is
    std::optional<Quantity> over;          // what the cost depends on
    std::span<const std::int64_t> amounts; // to measure it at; empty without `over`
    std::vector<Sample> (*measure)(const ProbeRun& run) = nullptr;
    bool needs_two_processors = false;
    bool in_runner = false; // measured in the runner's own program (in_runner.hpp): what a program has, its forks copy
};

// All probes there are. A new one is a file beside this, a line in primitives.hpp and a line in registry.cpp.
[[nodiscard]] std::span<const Probe> probes();

// The probe of that name, or nothing.
[[nodiscard]] const Probe* probe_named(std::string_view name);

// Samples `batch()`, which does `operations` of the primitive, bracketed, until the budget is spent; at least three
// times, after once to warm up. `prepare()` before and `clear()` after each batch are outside the stopwatch.
template <class Prepare, class Batch, class Clear>
[[nodiscard]] std::vector<Sample> sample_prepared_batches(const ProbeRun& run, std::int64_t operations,
                                                          Prepare&& prepare, Batch&& batch, Clear&& clear) {
    std::vector<Sample> samples;
    prepare();
    batch();
    clear();
    const std::uint64_t start = time_stamp();
    do {
        prepare();
        const BracketedTime time = measure_bracketed(run.scale, batch);
        clear();
        samples.push_back(
            {time.nanoseconds / static_cast<double>(operations), time.iteration_picoseconds, time.disagreement});
    } while (samples.size() < 3 || run.scale.nanoseconds(start, time_stamp()) < run.budget_nanoseconds);
    return samples;
}

template <class Batch>
[[nodiscard]] std::vector<Sample> sample_batches(const ProbeRun& run, std::int64_t operations, Batch&& batch) {
    return sample_prepared_batches(
        run, operations, [] {}, batch, [] {});
}

} // namespace switchyard::native
