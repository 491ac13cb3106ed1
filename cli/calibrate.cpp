// switchyard calibrate: what this machine's primitives cost.
#include "lab/calibrate/calibrate.hpp"
#include "cli/command.hpp"
#include "cli/profile_names.hpp"
#include "cli/profile_text.hpp"
#include "cli/progress.hpp"
#include "cli/report_text.hpp"
#include "cli/table.hpp"
#include "formats/json/profile_json.hpp"
#include "lab/calibrate/agreement.hpp"
#include "lab/calibrate/closure.hpp"
#include "lab/plot/fit_plot.hpp"
#include "lab/plot/gnuplot.hpp"
#include "models/errors.hpp"
#include "models/fit/statistics.hpp"
#include "models/machine/topology.hpp"
#include "native/machine/topology.hpp"
#include "native/measurement/isolation.hpp"
#include "native/probes/probe.hpp"
#include "sim/simulate.hpp"

#include <cmath>
#include <filesystem>
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
    bool force = false;
    std::string plot;
    std::string plot_law;
    std::string against;
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

// Our figures beside other programs' of the same minute.
int print_agreement(const Options& options, const std::stop_token& stop) {
    std::vector<lab::Agreement> all;
    {
        ProgressBar progress("comparing");
        lab::AgreementOptions agreement;
        agreement.cpu = options.cpu;
        agreement.stop = stop;
        all = lab::compare_with_others(agreement,
                                       [&](double fraction, std::string_view what) { progress.show(fraction, what); });
    }
    Table table({{"probe", Align::left}, {"ours"}, {"theirs"}, {"ours / theirs"}, {"their command", Align::left}});
    std::size_t compared = 0, agreed = 0;
    for (const lab::Agreement& one : all) {
        const std::optional<double> ratio = one.ratio();
        std::string probe(one.benchmark->probe);
        if (one.benchmark->amount > 0) probe += fmt::format(" at {}", one.benchmark->amount);
        if (!ratio) {
            table.add({{probe}, {}, {}, {"-"}, {fmt::format("{}: {}", one.benchmark->command, one.skipped)}});
            continue;
        }
        const bool agrees = std::abs(*ratio - 1) <= lab::most_disagreement_with_others;
        ++compared;
        agreed += agrees;
        const auto shown = [](const std::vector<double>& nanoseconds) {
            return cost_text(median(nanoseconds) * 1000, CostUnit::picoseconds);
        };
        table.add({{probe},
                   {shown(one.ours)},
                   {shown(one.theirs)},
                   {fmt::format("{:.3f}", *ratio), agrees ? Colour::green : Colour::red},
                   {std::string(one.benchmark->command)}});
    }
    fmt::print("{}{} of {} agree within {:.0f} %\n", table.text(wants_colour()), agreed, compared,
               100 * lab::most_disagreement_with_others);
    return succeeded;
}

// The law that is asked for, or the first one among those that `--only` names first, or the first over a quantity.
Cost law_to_plot(const CostProfile& profile, const Options& options) {
    if (!options.plot_law.empty()) return law_named(options.plot_law);
    const std::string wanted = options.only.empty() ? "" : options.only.front();
    for (int i = 0; i < costs; ++i) {
        const auto cost = static_cast<Cost>(i);
        if (profile[cost] && profile[cost]->kind != Law::Kind::constant && describe(cost).name.starts_with(wanted))
            return cost;
    }
    throw InputError(fmt::format("no law over a quantity begins with '{}'; choose one with --plot-law", wanted));
}

int run(const Options& options, const std::stop_token& stop) {
    if (!options.against.empty()) return print_agreement(options, stop);
    lab::CalibrationOptions calibration;
    calibration.profile_name = options.name;
    calibration.quick = options.quick;
    calibration.tool = std::string("switchyard " SWITCHYARD_VERSION " calibrate") + (options.quick ? " --quick" : "");
    calibration.cpu = options.cpu;
    calibration.only = options.only;
    calibration.check_load = true;
    calibration.force = options.force;
    if (!options.output.empty() && options.output != "-") calibration.journal = options.output + ".journal";
    calibration.say = [](const std::string& sentence) { fmt::print(stderr, "switchyard: {}\n", sentence); };
    calibration.stop = stop;
    if (!options.plot.empty()) lab::require_gnuplot();
    std::optional<lab::Calibration> result;
    {
        ProgressBar progress("calibrating");
        result = lab::calibrate(calibration,
                                [&](double fraction, std::string_view probe) { progress.show(fraction, probe); });
    }
    if (!result) {
        if (!calibration.journal.empty())
            fmt::print(stderr, "switchyard: the same command goes on from {} for an hour\n", calibration.journal);
        return interrupted;
    }
    if (options.output == "-") {
        fmt::print("{}", formats::profile_to_json(result->profile));
        return succeeded;
    }
    fmt::print("{}", profile_text(result->profile, wants_colour()));
    fmt::print("\n{}\n", topology_text());
    if (!options.output.empty()) {
        formats::write_profile(result->profile, options.output);
        std::filesystem::remove(calibration.journal);
        fmt::print("\nwritten to {}: use it with --profile {}\n", options.output, options.output);
    }
    if (!options.plot.empty()) {
        lab::plot_fit(result->profile, law_to_plot(result->profile, options), options.plot);
        fmt::print("plotted in {}\n", options.plot);
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
                   "measure only what the laws whose names begin so are computed from, and probes whose names do")
        ->type_name("LAW|PROBE,...")
        ->delimiter(',');
    app.add_flag("--quick", options->quick, "under 30 s, with wider intervals");
    app.add_flag("--force", options->force,
                 "calibrate although other programs use more than a tenth of the processors measured on");
    app.add_option("--plot", options->plot,
                   "draw a law, its points and its held-out points (SVG or PNG; needs gnuplot): the first that --only "
                   "names")
        ->type_name("FILE");
    app.add_option("--plot-law", options->plot_law, "the law that --plot draws")->type_name("LAW");
    app.add_option("--against", options->against,
                   "instead, measure what perf bench (and lmbench, where it is) measures too, in turns with it: 'perf'")
        ->check(CLI::IsMember({"perf"}));
    app.add_flag("--closure", options->closure,
                 "then simulate every probe as a scenario under the new profile, and compare with what it measured");
    return [options, stop] { return run(*options, stop); };
}

} // namespace switchyard::cli
