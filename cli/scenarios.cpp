// switchyard scenarios: what comes with the program, and what each teaches.
#include "cli/command.hpp"
#include "cli/shipped.hpp"
#include "cli/table.hpp"
#include "formats/files.hpp"
#include "formats/scenario/read_scenario.hpp"
#include "formats/sweep/read_sweep.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace switchyard::cli {

namespace {

struct Options {
    std::string name;
    bool json = false;
    bool sweeps = false;
};

// What a file says it asks, or teaches.
std::string about(const ShippedScenario& one, bool is_sweep) {
    return is_sweep ? formats::read_sweep(one.file.string()).sweep.about
                    : formats::read_scenario(one.file.string()).about;
}

void print_as_json(const std::vector<ShippedScenario>& all, bool sweeps) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const ShippedScenario& one : all)
        list.push_back({{"name", one.name}, {"about", about(one, sweeps)}, {"file", one.file.string()}});
    fmt::print("{}\n", list.dump(2));
}

void print_as_table(const std::vector<ShippedScenario>& all, bool sweeps) {
    Table table(
        {{sweeps ? "sweep" : "scenario", Align::left}, {sweeps ? "what it asks" : "what it teaches", Align::left}});
    for (const ShippedScenario& one : all)
        table.add({{one.name, Colour::bold}, {in_one_line(about(one, sweeps), 110)}});
    fmt::print("{}", table.text(wants_colour()));
}

int run(const Options& options) {
    const std::vector<ShippedScenario> all = options.sweeps ? shipped_sweeps() : shipped_scenarios();
    if (!options.name.empty())
        fmt::print("{}", formats::read_file(shipped_scenario(all, options.name).file.string()));
    else if (options.json)
        print_as_json(all, options.sweeps);
    else
        print_as_table(all, options.sweeps);
    return succeeded;
}

} // namespace

std::function<int()> add_scenarios(CLI::App& app, std::stop_token) {
    auto options = std::make_shared<Options>();
    CLI::Option* const name = app.add_option("NAME", options->name, "print this one's file");
    app.add_flag("--sweeps", options->sweeps, "the sweeps instead of the scenarios");
    app.add_flag("--json", options->json, "print the list as JSON")->excludes(name);
    return [options] { return run(*options); };
}

} // namespace switchyard::cli
