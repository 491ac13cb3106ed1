#include "cli/application.hpp"

#include "cli/command.hpp"
#include "models/errors.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <fmt/format.h>
#include <vector>

namespace switchyard::cli {

std::span<const Command> commands() {
    static constexpr std::array all{
        Command{"run", "simulate a scenario", add_run},
        Command{"native", "run a scenario for real on this machine", add_native},
        Command{"explain", "why a simulated scenario takes as long as it does", add_explain},
        Command{"calibrate", "measure what this machine's primitives cost", add_calibrate},
        Command{"profile", "look at cost profiles, compare and draw them", add_profile},
        Command{"validate", "simulate and run scenarios, and compare", add_validate},
        Command{"sweep", "simulate a space of scenarios: parameters over values", add_sweep},
        Command{"record", "run a command and record what the scheduler does with it", add_record},
        Command{"import", "make a scenario of a recording of a real program", add_import},
        Command{"compare", "two reports side by side", add_compare},
        Command{"results", "what a sweep found: tables, CSV, JSON, a page", add_results},
        Command{"plot", "pictures of what a sweep found", add_plot},
        Command{"optimize", "the best cell of a sweep under constraints", add_optimize},
        Command{"demo", "the classic comparison: closed form, simulated, measured", add_demo},
        Command{"scenarios", "list the scenarios that come with this, or print one", add_scenarios},
        Command{"policies", "list the scheduling policies and their parameters", add_policies},
        Command{"tlb", "replay a memory trace: TLB misses and page walks", add_tlb},
        Command{"pages", "replay a trace of memory references under page replacement policies", add_pages},
        Command{"life-cycle", "print the task life cycle as a Graphviz graph", add_life_cycle},
    };
    return all;
}

namespace {

int report_error(const std::string& message, int status) {
    std::fprintf(stderr, "switchyard: %s\n", message.c_str());
    return status;
}

int run_guarded(const std::function<int()>& command, const std::stop_token& stop) {
    try {
        const int status = command();
        if (stop.stop_requested()) return report_error("interrupted", interrupted);
        if (std::fflush(stdout) != 0) return report_error("cannot write to standard output", failed);
        return status;
    } catch (const InputError& error) {
        if (error.where().text().empty()) return report_error(error.what(), bad_input);
        std::fprintf(stderr, "%s\n", error.what()); // the place first, as editors want it
        return bad_input;
    } catch (const TimeOverflow& error) {
        return report_error(error.what(), bad_input);
    } catch (const std::exception& error) {
        if (stop.stop_requested()) return report_error("interrupted", interrupted);
        return report_error(error.what(), failed);
    }
}

} // namespace

int run_application(std::span<const std::string> arguments, std::stop_token stop) {
    CLI::App app{"Switchyard: what will this concurrency design cost on this machine?", "switchyard"};
    app.set_version_flag("--version", "switchyard " SWITCHYARD_VERSION);
    app.require_subcommand(1);
    app.footer(
        "'switchyard COMMAND --help' says more about a command. Start with 'switchyard demo'.\n"
        "Exit status: 0 all well, 1 a run failed or a target was missed, 2 the input was wrong, 130 interrupted.");
    std::vector<std::pair<CLI::App*, std::function<int()>>> added;
    for (const Command& command : commands()) {
        CLI::App* subcommand = app.add_subcommand(command.name, command.about);
        added.emplace_back(subcommand, command.add(*subcommand, stop));
    }
    if (!arguments.empty() && !arguments.front().starts_with('-')) {
        std::vector<std::string_view> names;
        for (const Command& command : commands()) names.emplace_back(command.name);
        if (std::ranges::find(names, arguments.front()) == names.end())
            return report_error(fmt::format("there is no command '{}'{}; see 'switchyard --help'", arguments.front(),
                                            suggestion(arguments.front(), names)),
                                bad_input);
    }
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend()); // as CLI11 wants them
    try {
        app.parse(reversed);
    } catch (const CLI::Success& wanted) { // --help, --version
        return app.exit(wanted);
    } catch (const CLI::ParseError& error) {
        return report_error(std::string(error.what()) + " (see 'switchyard --help')", bad_input);
    }
    for (const auto& [subcommand, run] : added)
        if (subcommand->parsed()) return run_guarded(run, stop);
    return bad_input;
}

} // namespace switchyard::cli
