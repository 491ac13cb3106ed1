// switchyard validate: scenarios simulated and run for real, and whether the error is what they declare.
#include "cli/command.hpp"
#include "cli/comparison_text.hpp"
#include "cli/inputs.hpp"
#include "cli/progress.hpp"
#include "cli/shipped.hpp"
#include "cli/table.hpp"
#include "formats/scenario/read_scenario.hpp"
#include "lab/calibrate/calibrate.hpp"
#include "lab/compare/comparison.hpp"
#include "lab/compare/comparison_json.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace switchyard::cli {

namespace {

struct Options {
    std::vector<std::string> files;
    std::vector<std::string> changes;
    std::shared_ptr<std::string> profile;
    lab::ComparisonOptions comparison;
    bool json = false;
    bool brief = false;
    std::string events = "auto";
    bool no_capture = false;
};

std::optional<CostProfile> profile_of_this_machine(const std::stop_token& stop) {
    lab::CalibrationOptions calibration;
    calibration.quick = true;
    calibration.tool = "switchyard " SWITCHYARD_VERSION " validate";
    calibration.stop = stop;
    ProgressBar progress("calibrating");
    auto result =
        lab::calibrate(calibration, [&](double fraction, std::string_view probe) { progress.show(fraction, probe); });
    if (!result) return std::nullopt;
    return std::move(result->profile);
}

int run(const Options& options, const std::stop_token& stop) {
    std::vector<formats::Override> changes;
    for (const std::string& change : options.changes) changes.push_back(formats::parse_override(change));
    std::vector<Scenario> scenarios;
    for (const std::string& file : options.files)
        scenarios.push_back(formats::read_scenario(file_of_scenario(file), changes));
    std::optional<CostProfile> profile;
    if (options.profile->empty())
        profile = profile_of_this_machine(stop);
    else
        profile = choose_profile(*options.profile, scenarios.front());
    if (!profile) return interrupted;
    lab::ComparisonOptions comparison = options.comparison;
    comparison.stop = stop;
    comparison.capture = !options.no_capture;
    comparison.events = native::event_source(options.events);
    std::vector<lab::Comparison> comparisons;
    {
        ProgressBar progress("validating");
        comparisons = lab::compare(scenarios, *profile, comparison,
                                   [&](double fraction, std::string_view what) { progress.show(fraction, what); });
    }
    if (options.json || options.brief)
        fmt::print("{}", lab::comparisons_to_json(comparisons, options.brief ? lab::Reports::none : lab::Reports::all));
    else
        fmt::print("{}", comparison_text(comparisons, wants_colour()));
    const bool passed = std::ranges::all_of(
        comparisons, [](const lab::Comparison& one) { return one.passed() && one.not_native.empty(); });
    return passed ? succeeded : failed;
}

} // namespace

std::function<int()> add_validate(CLI::App& app, std::stop_token stop) {
    auto options = std::make_shared<Options>();
    app.add_option("FILE", options->files,
                   "scenario files; their 'validate: {targets: ...}' say which errors are allowed")
        ->required();
    app.add_option("--set", options->changes, "change every scenario first (repeatable)")
        ->type_name("PATH=VALUE")
        ->take_all()
        ->allow_extra_args(false);
    options->profile = add_profile_input(app);
    app.get_option("--profile")->description("cost profile to predict with (default: this machine, calibrated now)");
    app.add_option("--rounds", options->comparison.rounds, "how often each scenario is run natively")
        ->capture_default_str()
        ->check(CLI::Range(1, 1000));
    app.add_option("--cpus", options->comparison.cpus, "the processors that stand for the scenario's cores: 0,1")
        ->delimiter(',')
        ->type_name("LIST");
    add_event_source_input(app, options->events);
    app.add_flag("--json", options->json, "print the comparison as JSON, the stable form");
    app.add_flag("--brief", options->brief, "print that JSON without the whole reports");
    app.add_flag(
        "--no-capture", options->no_capture,
        "do not record the kernel's scheduling events: half the runs, but no run lengths, wake-ups and shares");
    return [options, stop] { return run(*options, stop); };
}

} // namespace switchyard::cli
