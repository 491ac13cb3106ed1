// switchyard calibrate: what this machine's primitives cost.
#include "lab/calibrate/calibrate.hpp"
#include "cli/command.hpp"
#include "cli/profile_text.hpp"
#include "cli/progress.hpp"
#include "cli/report_text.hpp"
#include "cli/table.hpp"
#include "formats/json/profile_json.hpp"
#include "lab/calibrate/closure.hpp"
#include "models/machine/topology.hpp"
#include "native/machine/topology.hpp"
#include "native/measurement/isolation.hpp"
#include "native/probes/probe.hpp"
#include "sim/simulate.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <memory>

namespace switchyard::cli {

namespace {

struct Options {
    std::string output;
    std::string name = "this machine";
    std::vector<std::string> only;
    bool quick = false;
    bool closure = false;
    std::optional<int> cpu;
};

// Every probe as a scenario, simulated under the profile that came of all of them: what its stopwatch saw?
int print_closure(const lab::Calibration& calibration) {
    const auto simulate = [](const Scenario& scenario, const CostProfile& profile) {
        return sim::simulate(scenario, profile);
    };
    Table table({{"probe", Align::left},
                 {"measured"},
                 {"allowed", Align::left},
                 {"simulated"},
                 {"difference"},
                 {"closure", Align::left}});
    int missed = 0;
    const auto results = lab::check_closure(calibration, simulate);
    for (const lab::ClosureResult& result : results) {
        const native::Probe* const probe = native::probe_named(result.probe);
        const CostUnit unit = probe ? probe->unit : CostUnit::picoseconds;
        const std::string at =
            probe && probe->over ? fmt::format(" at {} {}", result.amount, name_of(*probe->over)) : "";
        table.add(
            {{result.probe + at},
             {cost_text(result.measured, unit)},
             {fmt::format("{} .. {}", cost_text(result.interval.low, unit), cost_text(result.interval.high, unit))},
             {cost_text(result.simulated, unit)},
             {signed_percent(result.simulated / result.measured - 1)},
             result.holds() ? Cell{"holds", Colour::green} : Cell{"fails", Colour::red}});
        missed += !result.holds();
    }
    fmt::print("\n{}closure holds for {} of {} probes\n", table.text(wants_colour()),
               results.size() - static_cast<std::size_t>(missed), results.size());
    if (const auto probes = lab::not_yet_simulated(); !probes.empty())
        fmt::print("not simulated yet, so not compared: {}\n", fmt::join(probes, ", "));
    return missed == 0 ? succeeded : failed;
}

// How the processors this program may use hang together.
std::string topology_text() {
    const native::MachineTopology machine = native::read_topology("/sys/devices/system", native::allowed_cpus());
    return text_of(Topology(static_cast<std::uint32_t>(machine.cpus.size()), machine.description));
}

int run(const Options& options, const std::stop_token& stop) {
    lab::CalibrationOptions calibration;
    calibration.profile_name = options.name;
    calibration.quick = options.quick;
    calibration.tool = std::string("switchyard " SWITCHYARD_VERSION " calibrate") + (options.quick ? " --quick" : "");
    calibration.cpu = options.cpu;
    calibration.only = options.only;
    calibration.stop = stop;
    std::optional<lab::Calibration> result;
    {
        ProgressBar progress("calibrating");
        result = lab::calibrate(calibration,
                                [&](double fraction, std::string_view probe) { progress.show(fraction, probe); });
    }
    if (!result) return interrupted;
    if (options.output == "-") {
        fmt::print("{}", formats::profile_to_json(result->profile));
        return succeeded;
    }
    fmt::print("{}", profile_text(result->profile, wants_colour()));
    fmt::print("\n{}\n", topology_text());
    if (!options.output.empty()) {
        formats::write_profile(result->profile, options.output);
        fmt::print("\nwritten to {}: use it with --profile {}\n", options.output, options.output);
    }
    return options.closure ? print_closure(*result) : succeeded;
}

} // namespace

std::function<int()> add_calibrate(CLI::App& app, std::stop_token stop) {
    auto options = std::make_shared<Options>();
    app.add_option("-o,--output", options->output, "write the profile there (JSON); '-' prints it")->type_name("FILE");
    app.add_option("--name", options->name, "what the profile is called")->capture_default_str();
    app.add_option("--cpu", options->cpu, "the processor to measure on (default: the last one allowed)")
        ->type_name("N");
    app.add_option("--only", options->only,
                   "measure only probes whose names begin so; laws that need others are not known")
        ->type_name("PROBE,...")
        ->delimiter(',');
    app.add_flag("--quick", options->quick, "under 30 s, with wider intervals");
    app.add_flag("--closure", options->closure,
                 "then simulate every probe as a scenario under the new profile, and compare with what it measured");
    return [options, stop] { return run(*options, stop); };
}

} // namespace switchyard::cli
