// From a scenario to the plan the native runner executes.
#pragma once

#include "models/scenario/scenario.hpp"
#include "native/plan/plan.hpp"

#include <optional>
#include <span>
#include <string>

namespace switchyard::native {

// Why this scenario cannot run on the real operating system, in one line; nothing where it can. What a machine lacks
// (cores, memory, processes) is not asked here.
[[nodiscard]] std::optional<std::string> why_not_native(const Scenario& scenario);

struct CompileOptions {
    double iteration_picoseconds = 0; // of the work loop at nominal speed: how `compute` becomes iterations
    std::span<const int> cpus;        // the processors that stand for the scenario's cores, in order
    std::chrono::nanoseconds start_delay{};
    bool records_threads = false; // PlanHeader
    bool reads_counters = false;  // likewise
};

// The plan of a valid scenario. Every amount is drawn with the key the simulator uses: (seed, template, instance, index
// of the operation, how often the task has executed that operation before); a child's instance number is that of
// `child_instance`. Throws InputError with `why_not_native` where there is a reason.
[[nodiscard]] Plan compile(const Scenario& scenario, const CompileOptions& options);

} // namespace switchyard::native
