// switchyard explain: why this makespan.
#include "cli/command.hpp"
#include "cli/inputs.hpp"
#include "cli/report_text.hpp"
#include "cli/table.hpp"
#include "lab/explain/critical_path.hpp"
#include "lab/predict.hpp"
#include "models/units/text.hpp"

#include <fmt/format.h>

namespace switchyard::cli {

namespace {

struct Options {
    std::shared_ptr<ScenarioInput> scenario;
    std::shared_ptr<std::string> profile;
    std::size_t pieces = 12;
};

double share(Duration part, Duration whole) {
    return whole.count() == 0 ? 0 : static_cast<double>(part.count()) / static_cast<double>(whole.count());
}

void print_path(const Report& report, const Trace& trace, const lab::CriticalPath& path, std::size_t most_pieces) {
    const bool coloured = wants_colour();
    fmt::print("{}: the makespan of {} is the sum of this chain of causes, from the end back to the beginning:\n\n",
               paint(report.scenario, Colour::bold, coloured), exact_text(report.makespan));
    Table categories({{"on the critical path", Align::left}, {"time"}, {"share"}});
    for (int i = 0; i < lab::path_categories; ++i) {
        const Duration part = path.by_category[static_cast<std::size_t>(i)];
        if (part > Duration::zero())
            categories.add({{std::string(lab::name_of(static_cast<lab::PathCategory>(i)))},
                            {exact_text(part)},
                            {percent(share(part, report.makespan))}});
    }
    fmt::print("{}\n", categories.text(coloured));

    Table tasks({{"task", Align::left}, {"time on the path"}, {"share"}});
    for (std::size_t i = 0; i < path.by_task.size() && i < 10; ++i)
        tasks.add({{path.by_task[i].first},
                   {exact_text(path.by_task[i].second)},
                   {percent(share(path.by_task[i].second, report.makespan))}});
    fmt::print("{}\n", tasks.text(coloured));

    Table pieces({{"from"}, {"for"}, {"what", Align::left}, {"whose", Align::left}});
    for (std::size_t i = 0; i < path.pieces.size() && i < most_pieces; ++i) {
        const lab::PathPiece& piece = path.pieces[i];
        pieces.add({{exact_text(piece.begin.time_since_epoch())},
                    {exact_text(piece.end - piece.begin)},
                    {std::string(lab::name_of(piece.category))},
                    {piece.task == no_task ? "" : trace.tasks[piece.task].name}});
    }
    fmt::print("{}", pieces.text(coloured));
    if (path.pieces.size() > most_pieces)
        fmt::print("... and {} more pieces (--pieces)\n", path.pieces.size() - most_pieces);
    if (const auto overhead = report.overhead())
        fmt::print("\nIf everything but the work were free it would take {}: the design costs {}.\n",
                   exact_text(*report.pure_work), exact_text(*overhead));
}

int run(const Options& options, const std::stop_token& stop) {
    const Scenario scenario = read(*options.scenario);
    Trace trace;
    sim::SimulationOptions simulation;
    simulation.stop = stop;
    simulation.trace = &trace;
    const Report report = lab::predict(scenario, choose_profile(*options.profile, scenario), simulation);
    if (stop.stop_requested()) return interrupted;
    if (report.outcome != Outcome::completed) {
        fmt::print("{} is {}: {}\n", report.scenario, name_of(report.outcome), report.diagnosis);
        return failed;
    }
    print_path(report, trace, lab::critical_path(trace), options.pieces);
    return succeeded;
}

} // namespace

std::function<int()> add_explain(CLI::App& app, std::stop_token stop) {
    auto options = std::make_shared<Options>();
    options->scenario = add_scenario_input(app);
    options->profile = add_profile_input(app);
    app.add_option("--pieces", options->pieces, "how many pieces of the path to list")
        ->capture_default_str()
        ->type_name("N");
    return [options, stop] { return run(*options, stop); };
}

} // namespace switchyard::cli
