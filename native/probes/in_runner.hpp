// Probes of forks, measured in the program that runs scenarios.
//
// A fork copies what its process has, and the starter has more libraries, regions and heap than the runner: seen from
// there, every fork of a scenario would be predicted too dear. So these probes are run by `switchyard-runner probe`.
#pragma once

#include "native/probes/probe.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace switchyard::native {

// Starts the runner on the probe and returns what it sampled, on the processors and in the session of the caller, which
// is to be a process of its own (run.hpp). Throws SystemError where the runner is missing, refuses or dies.
[[nodiscard]] std::vector<Sample> measure_in_runner(const Probe& probe, const ProbeRun& run);

// The runner's side: the arguments after its mode are those that `measure_in_runner` gave. Throws SystemError for
// others.
void run_probe_as_runner(std::span<char* const> arguments);

} // namespace switchyard::native
