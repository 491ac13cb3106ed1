// Running one probe once, in a process of its own.
#pragma once

#include "native/measurement/isolation.hpp"
#include "native/probes/probe.hpp"

#include <stop_token>
#include <string>
#include <vector>

namespace switchyard::native {

struct ProbeResult {
    std::vector<Sample> samples; // empty where `failure` says why
    Notes notes;                 // isolation that was not to be had
    std::string failure;
    bool stopped = false;
};

// Runs `probe` in a fresh child in a session of its own, pinned to processor `cpu`, with its working memory resident.
// A probe that needs two processors sends threads to the other one itself, and fails where the run names none. Nothing
// is left behind, whatever ends it; a probe that hangs is killed after ten times its budget and half a minute.
[[nodiscard]] ProbeResult run_probe(const Probe& probe, const ProbeRun& run, int cpu, std::stop_token stop = {});

} // namespace switchyard::native
