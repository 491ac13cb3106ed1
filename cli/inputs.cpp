#include "cli/inputs.hpp"

#include "cli/shipped.hpp"
#include "formats/scenario/read_scenario.hpp"
#include "lab/profiles.hpp"

#include <filesystem>

namespace switchyard::cli {

std::shared_ptr<ScenarioInput> add_scenario_input(CLI::App& app) {
    auto input = std::make_shared<ScenarioInput>();
    app.add_option("FILE", input->file,
                   "scenario file (YAML), or a name that 'switchyard scenarios' lists; '-' reads standard input")
        ->required();
    app.add_option("--set", input->changes, "change the scenario first: --set scheduler.slice=1ms (repeatable)")
        ->type_name("PATH=VALUE")
        ->take_all()
        ->allow_extra_args(false);
    app.add_option("--seed", input->seed, "seed of all random draws; the scenario's own by default")->type_name("N");
    return input;
}

Scenario read(const ScenarioInput& input) {
    std::vector<formats::Override> changes;
    for (const std::string& change : input.changes) changes.push_back(formats::parse_override(change));
    Scenario scenario = formats::read_scenario(file_of_scenario(input.file), changes);
    if (input.seed) scenario.seed = *input.seed;
    return scenario;
}

std::shared_ptr<std::string> add_profile_input(CLI::App& app) {
    auto name = std::make_shared<std::string>();
    app.add_option(
           "--profile", *name,
           "cost profile: textbook, reference, free, or a file written by 'calibrate' (default: the scenario's, "
           "else reference)")
        ->type_name("NAME|FILE");
    return name;
}

void add_event_source_input(CLI::App& app, std::string& name) {
    app.add_option("--events", name,
                   "where scheduling events come from: tracefs, perf (perf record), or counters of /proc, which know "
                   "sums but no distributions; auto: the first that is to be had")
        ->capture_default_str()
        ->check(CLI::IsMember({"auto", "tracefs", "perf", "counters"}));
}

CostProfile choose_profile(const std::string& name, const Scenario& scenario) {
    const std::string wanted = !name.empty()                      ? name
                               : scenario.machine.profile.empty() ? "reference"
                                                                  : scenario.machine.profile;
    // A scenario names its profile relative to itself.
    const bool is_of_scenario = name.empty() && !scenario.file.empty() && scenario.file != "-";
    return lab::find_profile(wanted, is_of_scenario ? std::filesystem::path(scenario.file).parent_path() : "",
                             name.empty() ? SourceLocation{scenario.file, 0, 0} : SourceLocation{});
}

} // namespace switchyard::cli
