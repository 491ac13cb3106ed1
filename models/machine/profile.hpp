// A cost profile: what every primitive costs on one machine, and where each figure came from.
#pragma once

#include "models/machine/cost.hpp"
#include "models/machine/kernel_parameters.hpp"
#include "models/machine/law.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

// What was measured where, so that a figure can be judged years later.
struct ProfileOrigin {
    std::string cpu;    // "AMD EPYC"
    std::string kernel; // "Linux 6.18.44"
    std::string date;   // ISO 8601, UTC
    std::string tool;   // "switchyard 0.1.0 calibrate --quick"
    std::uint32_t cpus = 0;
    double foreign_load = 0;          // share of the CPU other tasks had meanwhile
    double highest_foreign_load = 0;  // the same, in the worst of the rounds
    std::uint32_t measured_again = 0; // runs of probes, because others had too much of the CPU
    friend bool operator==(const ProfileOrigin&, const ProfileOrigin&) = default;
};

struct CostProfile {
    static constexpr int schema_version = 2;        // of what is written
    static constexpr int oldest_schema_version = 1; // that is read: without measured points and kernel parameters

    std::string name;
    ProfileOrigin origin;
    std::uint32_t hz = 0;             // timer ticks a second (CONFIG_HZ); 0: time is noticed exactly
    double iteration_picoseconds = 0; // of the runner's work loop, at nominal speed; 0: never measured
    std::array<std::optional<Law>, costs>
        law;                 // absent: not known; the simulator charges nothing and the report says so
    KernelParameters kernel; // what the machine's kernel says of itself; the simulated Linux's defaults
    std::vector<std::string> warnings;

    [[nodiscard]] const std::optional<Law>& operator[](Cost cost) const { return law[static_cast<std::size_t>(cost)]; }
    [[nodiscard]] std::optional<Law>& operator[](Cost cost) { return law[static_cast<std::size_t>(cost)]; }

    friend bool operator==(const CostProfile&, const CostProfile&) = default;
};

// The textbook's machine: every kernel or user-space switch costs 0.1 s, everything else nothing, time is exact.
[[nodiscard]] CostProfile textbook_profile();

// A measured 2-CPU virtual machine, so that predictions can be made without calibrating first.
[[nodiscard]] CostProfile reference_profile();

// A machine on which everything but the work itself is free: what remains of a makespan is pure work.
[[nodiscard]] CostProfile free_profile();

// Names of the built-in profiles.
[[nodiscard]] std::vector<std::string_view> built_in_profiles();
[[nodiscard]] std::optional<CostProfile> built_in_profile(std::string_view name);

} // namespace switchyard
