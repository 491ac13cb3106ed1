// switchyard native: a scenario for real.
#include "cli/command.hpp"
#include "cli/inputs.hpp"
#include "cli/progress.hpp"
#include "cli/report_text.hpp"
#include "cli/table.hpp"
#include "formats/files.hpp"
#include "formats/json/report_json.hpp"
#include "formats/trace/write_trace.hpp"
#include "lab/predict.hpp"
#include "native/execute/execute.hpp"

#include <fmt/format.h>

namespace switchyard::cli {

namespace {

struct Options {
    std::shared_ptr<ScenarioInput> scenario;
    std::shared_ptr<std::string> profile;
    std::vector<int> cpus;
    std::string trace;
    std::string events = "auto";
    bool capture = false;
    bool json = false;
};

int run(const Options& options, const std::stop_token& stop) {
    const Scenario scenario = read(*options.scenario);
    native::ExecuteOptions execution;
    execution.cpus = options.cpus;
    execution.stop = stop;
    const formats::TraceWriterFunction write_trace = formats::trace_writer_for(options.trace);
    Trace trace;
    execution.capture = options.capture || !options.trace.empty();
    execution.events = native::event_source(options.events);
    execution.trace = &trace;
    // A named profile's nominal speed; otherwise what the machine does at this moment.
    CostProfile profile = free_profile();
    if (!options.profile->empty()) {
        profile = choose_profile(*options.profile, scenario);
        execution.iteration_picoseconds = profile.iteration_picoseconds;
    }
    execution.ideal_makespan = lab::pure_work(scenario, profile, stop);
    Report report;
    {
        ProgressBar progress("running natively");
        progress.show(scenario.name);
        report = native::execute(scenario, execution);
        lab::set_pure_work(report, scenario, profile, stop);
    }
    if (!options.trace.empty() && !trace.events.empty())
        formats::write_file(options.trace, [&](std::ostream& stream) { write_trace(trace, stream); });
    else if (!options.trace.empty())
        fmt::print(stderr, "switchyard: {} is not written: the notes say why there is no trace\n", options.trace);
    if (options.json)
        fmt::print("{}", formats::report_to_json(report));
    else
        fmt::print("{}", report_text(report, wants_colour()));
    if (report.outcome != Outcome::completed)
        fmt::print(stderr, "switchyard: {}: {}\n", scenario.name, report.diagnosis);
    return report.outcome == Outcome::completed ? succeeded : failed;
}

} // namespace

std::function<int()> add_native(CLI::App& app, std::stop_token stop) {
    auto options = std::make_shared<Options>();
    options->scenario = add_scenario_input(app);
    options->profile = add_profile_input(app);
    app.add_option("--cpus", options->cpus, "the processors that stand for the scenario's cores: 0,1 (default: chosen)")
        ->delimiter(',')
        ->type_name("LIST");
    app.add_flag("--capture", options->capture,
                 "record the kernel's scheduling events: run lengths, wake-up latencies, shares");
    add_event_source_input(app, options->events);
    app.add_option("--trace", options->trace,
                   "record them and write a trace of them: .pftrace (ui.perfetto.dev), .json (Chrome), .ftrace, .csv")
        ->type_name("FILE");
    app.add_flag("--json", options->json, "print the report as JSON, the stable form");
    return [options, stop] { return run(*options, stop); };
}

} // namespace switchyard::cli
