// switchyard scenarios: what comes with the program, and what each teaches.
#include "cli/command.hpp"
#include "cli/shipped.hpp"
#include "cli/table.hpp"
#include "formats/files.hpp"
#include "formats/scenario/read_scenario.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace switchyard::cli {

namespace {

struct Options {
    std::string name;
    bool json = false;
};

void print_as_json(const std::vector<ShippedScenario>& all) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const ShippedScenario& one : all)
        list.push_back({{"name", one.name},
                        {"about", formats::read_scenario(one.file.string()).about},
                        {"file", one.file.string()}});
    fmt::print("{}\n", list.dump(2));
}

void print_as_table(const std::vector<ShippedScenario>& all) {
    Table table({{"scenario", Align::left}, {"what it teaches", Align::left}});
    for (const ShippedScenario& one : all)
        table.add({{one.name, Colour::bold}, {in_one_line(formats::read_scenario(one.file.string()).about, 110)}});
    fmt::print("{}", table.text(wants_colour()));
}

int run(const Options& options) {
    const std::vector<ShippedScenario> all = shipped_scenarios();
    if (!options.name.empty())
        fmt::print("{}", formats::read_file(shipped_scenario(all, options.name).file.string()));
    else if (options.json)
        print_as_json(all);
    else
        print_as_table(all);
    return succeeded;
}

} // namespace

std::function<int()> add_scenarios(CLI::App& app, std::stop_token) {
    auto options = std::make_shared<Options>();
    CLI::Option* const name = app.add_option("NAME", options->name, "print this one's file");
    app.add_flag("--json", options->json, "print the list as JSON")->excludes(name);
    return [options] { return run(*options); };
}

} // namespace switchyard::cli
