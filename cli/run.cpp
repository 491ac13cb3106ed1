// switchyard run: a scenario in virtual time.
#include "cli/command.hpp"
#include "cli/expectations.hpp"
#include "cli/inputs.hpp"
#include "cli/progress.hpp"
#include "cli/report_text.hpp"
#include "cli/table.hpp"
#include "formats/files.hpp"
#include "formats/json/report_json.hpp"
#include "formats/trace/write_trace.hpp"
#include "lab/predict.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace switchyard::cli {

namespace {

struct Options {
    std::shared_ptr<ScenarioInput> scenario;
    std::shared_ptr<std::string> profile;
    std::string trace;
    std::string wait_for_graph;
    std::optional<std::uint64_t> shuffle_ties;
    bool json = false;
};

// Whether the scenario says itself how many tasks it leaves behind: then a standstill is no failure as such.
bool expects_standstill(const Scenario& scenario) {
    return std::ranges::any_of(scenario.expectations,
                               [](const Expectation& expected) { return expected.metric == "stranded"; });
}

// Prints what was expected and missed; the exit status.
int judge(const Scenario& scenario, const Report& report, bool quiet) {
    const bool as_expected =
        report.outcome == Outcome::completed || (report.outcome == Outcome::deadlocked && expects_standstill(scenario));
    int status = as_expected ? succeeded : failed;
    const bool coloured = wants_colour();
    for (const CheckedExpectation& row : check_expectations(scenario, report)) {
        if (!row.met) {
            status = failed;
            fmt::print(stderr, "switchyard: {}: expected {} {}, got {}\n", scenario.name, row.metric, row.expected,
                       row.actual);
        } else if (!quiet) {
            fmt::print("{}\n",
                       paint(fmt::format("as expected: {} {}", row.metric, row.actual), Colour::green, coloured));
        }
    }
    return status;
}

// Of the first deadlock; nobody waits in the graph of a run without one.
void write_wait_for_graph(const std::string& file, const Report& report) {
    const std::string graph = report.deadlocks.empty() ? "digraph wait_for {\n}\n" : report.deadlocks.front().graph;
    formats::write_file(file, [&](std::ostream& stream) { stream << graph; });
}

int run(const Options& options, const std::stop_token& stop) {
    const Scenario scenario = read(*options.scenario);
    const CostProfile profile = choose_profile(*options.profile, scenario);
    const formats::TraceWriterFunction write_trace = formats::trace_writer_for(options.trace);
    Trace trace;
    sim::SimulationOptions simulation;
    simulation.stop = stop;
    simulation.shuffle_ties = options.shuffle_ties;
    if (!options.trace.empty()) simulation.trace = &trace;
    Report report;
    {
        ProgressBar progress("simulating");
        simulation.progress = [&](Time now, std::uint64_t events) {
            progress.show(fmt::format("{} of virtual time, {} events", rounded_text(now.time_since_epoch()), events));
        };
        report = lab::predict(scenario, profile, simulation);
    }
    if (stop.stop_requested()) return interrupted;
    if (!options.trace.empty())
        formats::write_file(options.trace, [&](std::ostream& stream) { write_trace(trace, stream); });
    if (!options.wait_for_graph.empty()) write_wait_for_graph(options.wait_for_graph, report);
    if (options.json)
        fmt::print("{}", formats::report_to_json(report));
    else
        fmt::print("{}", report_text(report, wants_colour()));
    return judge(scenario, report, options.json);
}

} // namespace

std::function<int()> add_run(CLI::App& app, std::stop_token stop) {
    auto options = std::make_shared<Options>();
    options->scenario = add_scenario_input(app);
    options->profile = add_profile_input(app);
    app.add_flag("--json", options->json, "print the report as JSON, the stable form");
    app.add_option("--wait-for-graph", options->wait_for_graph,
                   "write who waits for whom at the first deadlock, for Graphviz (dot -Tsvg)")
        ->type_name("FILE");
    app.add_option("--trace", options->trace,
                   "write what happened when, for ui.perfetto.dev (.pftrace), Chrome (.json), readers of tracefs "
                   "(.ftrace) or tables (.csv)")
        ->type_name("FILE");
    app.add_option(
           "--shuffle-ties", options->shuffle_ties,
           "let events of one instant happen in an order drawn from this seed: a result that changes depends on "
           "an order no machine promises")
        ->type_name("SEED");
    return [options, stop] { return run(*options, stop); };
}

} // namespace switchyard::cli
