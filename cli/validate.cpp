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
#include "models/errors.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>

namespace switchyard::cli {

namespace {

struct Options {
    std::vector<std::string> files;
    bool suite = false;
    std::vector<std::string> families;
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

// The scenarios of the suite are those below this folder of the shipped ones.
constexpr std::string_view folder_of_suite = "validation/";

std::vector<formats::ValidationCase> cases_of(const Options& options, std::span<const formats::Override> changes) {
    std::vector<std::string> files;
    for (const std::string& file : options.files) files.push_back(file_of_scenario(file));
    if (options.suite)
        for (const ShippedScenario& shipped : shipped_scenarios())
            if (shipped.name.starts_with(folder_of_suite)) files.push_back(shipped.file.string());
    std::vector<formats::ValidationCase> cases;
    for (const std::string& file : files)
        std::ranges::move(formats::read_validation_cases(file, changes), std::back_inserter(cases));
    std::ranges::stable_sort(cases, {}, &formats::ValidationCase::family);
    if (options.families.empty()) return cases;
    std::vector<std::string_view> known;
    for (const formats::ValidationCase& one : cases) known.push_back(one.family);
    for (const std::string& family : options.families)
        if (std::ranges::find(known, family) == known.end()) {
            const auto [first, last] = std::ranges::unique(known);
            known.erase(first, last);
            throw InputError(fmt::format("there is no family '{}'{}; there are: {}", family, suggestion(family, known),
                                         fmt::join(known, ", ")));
        }
    std::erase_if(cases, [&](const formats::ValidationCase& one) {
        return std::ranges::find(options.families, one.family) == options.families.end();
    });
    return cases;
}

int run(const Options& options, const std::stop_token& stop) {
    if (options.files.empty() && !options.suite)
        throw InputError("nothing to validate: name scenario files, or --suite");
    std::vector<formats::Override> changes;
    for (const std::string& change : options.changes) changes.push_back(formats::parse_override(change));
    const std::vector<formats::ValidationCase> cases = cases_of(options, changes);
    std::vector<Scenario> scenarios;
    for (const formats::ValidationCase& one : cases) scenarios.push_back(one.scenario);
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
    comparison.only_targets = options.suite;
    std::vector<lab::Comparison> comparisons;
    {
        ProgressBar progress("validating");
        comparisons = lab::compare(scenarios, *profile, comparison,
                                   [&](double fraction, std::string_view what) { progress.show(fraction, what); });
    }
    for (std::size_t i = 0; i < comparisons.size(); ++i) comparisons[i].family = cases[i].family;
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
                   "scenario files; their 'validate: {targets: ...}' say which errors are allowed");
    app.add_flag("--suite", options->suite, "all scenarios of the suite that comes with this (scenarios/validation)");
    app.add_option("--only", options->families, "those of these families only: --only 'hogs,yield rings'")
        ->delimiter(',')
        ->type_name("FAMILY,...");
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
