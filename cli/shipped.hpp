// The scenarios that come with Switchyard, by name.
//
// They are in share/switchyard/scenarios beside the program's own folder when it is installed, and in the source tree
// it was built from otherwise; SWITCHYARD_SCENARIOS names another folder of them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::cli {

struct ShippedScenario {
    std::string name;           // its path below the folder of all, without ".yaml": "synchronisation/barrier"
    std::filesystem::path file; // where it is
};

// All there are, those of one folder together, in the order of their names. Throws SystemError where they are not to be
// found.
[[nodiscard]] std::vector<ShippedScenario> shipped_scenarios();

// The sweeps likewise: "sweeps/time-slice". They are no scenarios, and not among them.
[[nodiscard]] std::vector<ShippedScenario> shipped_sweeps();

// The one of that name, of which the folder may be left out where one only is called so. Throws InputError, with what
// comes close, where there is none, or more than one.
[[nodiscard]] const ShippedScenario& shipped_scenario(const std::vector<ShippedScenario>& all, std::string_view name);

// What a command is told to read: a file, or else the name of a shipped scenario, whose file it is then. A file that is
// not there remains what it is where it has a YAML file's name.
[[nodiscard]] std::string file_of_scenario(const std::string& file_or_name);
[[nodiscard]] std::string file_of_sweep(const std::string& file_or_name);

// As many of its sentences, from the first one on, as `width` characters hold; of a longer one its beginning.
[[nodiscard]] std::string in_one_line(std::string_view text, std::size_t width);

} // namespace switchyard::cli
