// switchyard validate: scenarios simulated and run for real, and whether the error is what they declare.
#include "cli/command.hpp"
#include "cli/comparison_text.hpp"
#include "cli/inputs.hpp"
#include "cli/progress.hpp"
#include "cli/shipped.hpp"
#include "cli/table.hpp"
#include "formats/files.hpp"
#include "formats/scenario/read_scenario.hpp"
#include "lab/calibrate/calibrate.hpp"
#include "lab/compare/comparison.hpp"
#include "lab/suite/basis.hpp"
#include "lab/suite/drift.hpp"
#include "lab/suite/page.hpp"
#include "lab/suite/validation_json.hpp"
#include "models/errors.hpp"
#include "models/units/text.hpp"
#include "native/machine/machine.hpp"

#include <algorithm>
#include <filesystem>
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
    bool quick = false;
    bool force = false;
    bool json = false;
    bool brief = false;
    std::vector<std::string> reports;
    std::string from;
    std::string events = "auto";
    bool no_capture = false;
    bool as_calibrated = false;
};

std::optional<CostProfile> profile_of_this_machine(bool force, const std::stop_token& stop) {
    lab::CalibrationOptions calibration;
    calibration.quick = true;
    calibration.force = force;
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

void keep_families(std::vector<formats::ValidationCase>& cases, const std::vector<std::string>& families) {
    if (families.empty()) return;
    std::vector<std::string_view> known;
    for (const formats::ValidationCase& one : cases)
        if (!one.family.empty()) known.push_back(one.family); // those of one family are together
    known.erase(std::unique(known.begin(), known.end()), known.end());
    for (const std::string& family : families)
        if (std::ranges::find(known, family) == known.end())
            throw InputError(fmt::format("there is no family '{}'{}; there are: {}", family, suggestion(family, known),
                                         fmt::join(known, ", ")));
    std::erase_if(cases, [&](const formats::ValidationCase& one) {
        return std::ranges::find(families, one.family) == families.end();
    });
}

std::vector<formats::ValidationCase> cases_of(const Options& options) {
    if (options.files.empty() && !options.suite)
        throw InputError("nothing to validate: name scenario files, or say --suite");
    std::vector<formats::Override> changes;
    for (const std::string& change : options.changes) changes.push_back(formats::parse_override(change));
    std::vector<std::string> files;
    for (const std::string& file : options.files) files.push_back(file_of_scenario(file));
    if (options.suite)
        for (const ShippedScenario& shipped : shipped_scenarios())
            if (shipped.name.starts_with(folder_of_suite)) files.push_back(shipped.file.string());
    std::vector<formats::ValidationCase> cases;
    for (const std::string& file : files)
        std::ranges::move(formats::read_validation_cases(file, changes), std::back_inserter(cases));
    if (options.suite) std::ranges::stable_sort(cases, {}, &formats::ValidationCase::family);
    keep_families(cases, options.families);
    return cases;
}

std::string extension(const std::string& path) { return std::filesystem::path(path).extension().string(); }

// Before anything is measured for minutes.
void check_reports(const std::vector<std::string>& paths) {
    for (const std::string& path : paths)
        if (extension(path) != ".html" && extension(path) != ".md" && extension(path) != ".json")
            throw InputError(fmt::format("--report {}: a report is .html, .md or .json, by its name", path));
}

// Nobody needs to know whose folders they are.
std::string without_folder(const std::string& path) { return std::filesystem::path(path).filename().string(); }

void write_reports(const lab::Validation& validation, const std::vector<std::string>& paths) {
    for (const std::string& path : paths)
        formats::write_file(path, extension(path) == ".html" ? lab::validation_html(validation)
                                  : extension(path) == ".md" ? lab::validation_markdown(validation)
                                                             : lab::validation_to_json(validation));
}

lab::Validation described(const CostProfile& profile, std::uint32_t rounds) {
    const native::MachineDescription machine = native::describe_machine();
    lab::Validation validation;
    validation.tool = "switchyard " SWITCHYARD_VERSION " validate";
    validation.date = native::utc_now();
    validation.cpu = machine.cpu;
    validation.kernel = machine.kernel;
    validation.cpus = machine.cpus;
    validation.hz = machine.hz;
    validation.profile = profile.name;
    validation.profile_date = profile.origin.date;
    validation.rounds = rounds;
    return validation;
}

// A suite is right as a whole, what is named one by one each. In haste, only what any machine shows at any speed is
// judged.
bool has_passed(const Options& options, const lab::Validation& validation) {
    const lab::ValidationSummary summary = lab::summarize(validation);
    if (options.quick) return summary.not_run == 0 && summary.all.counts_met == summary.all.counts;
    return options.suite ? summary.holds() : lab::all_met(validation);
}

int from_file(const Options& options) {
    const lab::Validation validation = lab::read_validation(options.from);
    write_reports(validation, options.reports);
    if (options.json || options.brief)
        fmt::print("{}", lab::validation_to_json(validation));
    else
        fmt::print("{}", validation_text(validation, wants_colour()));
    return has_passed(options, validation) ? succeeded : failed;
}

int run(const Options& options, const std::stop_token& stop) {
    check_reports(options.reports);
    if (!options.from.empty()) return from_file(options);
    const std::vector<formats::ValidationCase> cases = cases_of(options);
    std::vector<Scenario> scenarios;
    for (const formats::ValidationCase& one : cases) scenarios.push_back(one.scenario);
    std::optional<CostProfile> profile;
    if (options.profile->empty())
        profile = profile_of_this_machine(options.force, stop);
    else
        profile = choose_profile(*options.profile, scenarios.front());
    if (!profile) return interrupted;

    lab::ComparisonOptions comparison = options.comparison;
    if (options.quick) comparison.rounds = 1;
    if (options.suite && !options.quick) comparison.further_rounds = comparison.rounds;
    comparison.stop = stop;
    comparison.capture = !options.no_capture;
    comparison.events = native::event_source(options.events);
    comparison.only_targets = options.suite;
    lab::DriftWatch drift(*profile, stop);
    // Where the profile does not say what its stopwatches saw, only a suite's report is told what the machine did.
    const bool can_follow = std::ranges::any_of(lab::families_of_drift(), [&](const lab::DriftFamily& family) {
        return lab::calibrated_figure(*profile, family).has_value();
    });
    if (!options.quick && !options.as_calibrated && (options.suite || can_follow))
        comparison.costs_now = [&] { return drift.measure(); };
    std::vector<lab::Comparison> comparisons;
    {
        ProgressBar progress("validating");
        comparisons = lab::compare(scenarios, *profile, comparison,
                                   [&](double fraction, std::string_view what) { progress.show(fraction, what); });
    }
    lab::Validation validation = described(*profile, comparison.rounds);
    validation.drift = drift.figures();
    for (std::size_t i = 0; i < comparisons.size(); ++i) {
        comparisons[i].family = cases[i].family;
        lab::ValidatedScenario& scenario = validation.scenarios.emplace_back(lab::validated(comparisons[i]));
        if (const auto charged = stop.stop_requested()
                                     ? std::nullopt
                                     : lab::how_charged(lab::on_this_machine(scenarios[i]), *profile, stop)) {
            scenario.basis = charged->basis;
            scenario.unmeasured = charged->unmeasured;
        }
        if (options.suite) validation.scenarios.back().file = without_folder(validation.scenarios.back().file);
    }
    write_reports(validation, options.reports);
    if (options.json)
        fmt::print("{}", lab::validation_to_json(validation, comparisons));
    else if (options.brief)
        fmt::print("{}", lab::validation_to_json(validation));
    else
        fmt::print("{}", validation_text(validation, wants_colour()));
    return has_passed(options, validation) ? succeeded : failed;
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
    app.add_flag("--quick", options->quick,
                 "one round, and only what does not depend on the machine's speed is judged: counts and shares");
    app.add_flag("--as-calibrated", options->as_calibrated,
                 "predict with the profile as it is, and do not measure meanwhile what the machine makes of its costs");
    app.add_option("--cpus", options->comparison.cpus, "the processors that stand for the scenario's cores: 0,1")
        ->delimiter(',')
        ->type_name("LIST");
    add_event_source_input(app, options->events);
    app.add_option("--report", options->reports, "write a page there: .html, .md or .json (repeatable)")
        ->type_name("FILE")
        ->take_all()
        ->allow_extra_args(false);
    app.add_option("--from", options->from, "take what 'validate --json' wrote and run nothing; '-': standard input")
        ->type_name("FILE");
    app.add_flag("--force", options->force, "calibrate even if other programs use the processors, and say so");
    app.add_flag("--json", options->json, "print the comparison as JSON, the stable form");
    app.add_flag("--brief", options->brief, "print that JSON without the whole reports");
    app.add_flag(
        "--no-capture", options->no_capture,
        "do not record the kernel's scheduling events: half the runs, but no run lengths, wake-ups and shares");
    return [options, stop] { return run(*options, stop); };
}

} // namespace switchyard::cli
