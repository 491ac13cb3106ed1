// What several commands read: the scenario with its changes, the profile.
#pragma once

#include "models/machine/profile.hpp"
#include "models/scenario/scenario.hpp"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace switchyard::cli {

struct ScenarioInput {
    std::string file;
    std::vector<std::string> changes; // --set path=value
    std::optional<std::uint64_t> seed;
};

// FILE, --set and --seed. The result lives as long as the command.
[[nodiscard]] std::shared_ptr<ScenarioInput> add_scenario_input(CLI::App& app);
[[nodiscard]] Scenario read(const ScenarioInput& input);

// --profile.
[[nodiscard]] std::shared_ptr<std::string> add_profile_input(CLI::App& app);

// --events: by whom the kernel's scheduling events are recorded (native/capture/recording.hpp), into `name`.
void add_event_source_input(CLI::App& app, std::string& name);

// The built-in profile of that name, else the file of that name. An empty name means the scenario's own choice, and
// where it makes none "reference".
[[nodiscard]] CostProfile choose_profile(const std::string& name, const Scenario& scenario);

} // namespace switchyard::cli
