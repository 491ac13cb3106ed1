// switchyard demo: the argument everything started from, three ways.
#include "cli/command.hpp"
#include "cli/progress.hpp"
#include "cli/report_text.hpp"
#include "cli/table.hpp"
#include "lab/calibrate/calibrate.hpp"
#include "lab/compare/comparison.hpp"
#include "lab/demo/classic.hpp"
#include "lab/suite/figures.hpp"
#include "models/units/text.hpp"
#include "native/machine/machine.hpp"
#include "native/measurement/foreign_load.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace switchyard::cli {

namespace {

struct Options {
    std::uint32_t rounds = 5;
    std::uint32_t work_milliseconds = 1000;
};

int print_textbook() {
    fmt::print("Two tasks of 10 s each, nothing shared; time slice 1 s, a switch costs 0.1 s.\n\n");
    Table table({{"design", Align::left}, {"closed form"}, {""}, {"simulated"}, {"", Align::left}});
    bool exact = true;
    for (const lab::TextbookCase& one : lab::textbook_cases()) {
        const Duration simulated = sim::simulate(one.scenario, textbook_profile()).makespan;
        const bool equal = simulated == one.closed_form;
        exact = exact && equal;
        table.add({{one.name},
                   {one.formula + " ="},
                   {exact_text(one.closed_form)},
                   {exact_text(simulated)},
                   equal ? Cell{"equal to the picosecond", Colour::green} : Cell{"DIFFERENT", Colour::red}});
    }
    fmt::print("{}\n", table.text(wants_colour()));
    return exact ? succeeded : failed;
}

const lab::MetricComparison& row_of(const lab::Comparison& comparison, std::string_view name) {
    return *std::ranges::find(comparison.metrics, name, &lab::MetricComparison::name);
}

std::string plus_minus(const lab::MetricComparison& row, bool predicted) {
    const double value = (predicted ? row.predicted : row.measured).value_or(0);
    const Interval& interval = predicted ? row.predicted_interval : row.measured_interval;
    if (!(predicted ? row.predicted : row.measured)) return "-";
    return fmt::format("{} [{}, {}]", lab::figure_text(value, row.unit), lab::figure_text(interval.low, row.unit),
                       lab::figure_text(interval.high, row.unit));
}

void print_comparison(const std::vector<lab::MeasurableCase>& cases, const std::vector<lab::Comparison>& comparisons) {
    Table table({{"kind", Align::left},
                 {"cores"},
                 {"hand over"},
                 {"predicted makespan"},
                 {"measured makespan"},
                 {"error"},
                 {"predicted overhead"},
                 {"measured overhead"},
                 {"error"}});
    for (std::size_t i = 0; i < cases.size(); ++i) {
        if (i > 0 && cases[i].cores != cases[i - 1].cores) table.add_line();
        const auto& makespan = row_of(comparisons[i], "makespan");
        const auto& overhead = row_of(comparisons[i], "overhead");
        const auto error = [](const lab::MetricComparison& row) {
            const auto share = row.error();
            return share ? signed_percent(*share) : std::string("-");
        };
        table.add({{std::string(name_of(cases[i].kind))},
                   {std::to_string(cases[i].cores)},
                   {"every " + exact_text(cases[i].interval)},
                   {plus_minus(makespan, true)},
                   {plus_minus(makespan, false)},
                   {error(makespan)},
                   {plus_minus(overhead, true)},
                   {plus_minus(overhead, false)},
                   {error(overhead)}});
    }
    fmt::print("{}\n", table.text(wants_colour()));
}

void print_legend(const std::vector<lab::Comparison>& comparisons, std::uint32_t rounds) {
    double load = 0;
    std::vector<std::string> notes;
    for (const lab::Comparison& comparison : comparisons) {
        load = std::max(load, comparison.foreign_load());
        for (const Report& report : comparison.native)
            for (const std::string& note : report.notes)
                if (std::ranges::find(notes, note) == notes.end()) notes.push_back(note);
    }
    fmt::print(
        "Overhead is the makespan less the pure work at the speed the processor had: what the design costs. The\n"
        "makespan alone hides any error. Measured: median of {} interleaved rounds [95 % interval]; predicted: the\n"
        "interval the calibrated costs allow. Other programs used at most {} of the processors meanwhile.\n",
        rounds, percent(load));
    if (load > native::quiet_foreign_load)
        fmt::print("{}\n", paint("That is not a quiet machine: take the measured figures with care.", Colour::yellow,
                                 wants_colour()));
    for (const std::string& note : notes) fmt::print("note: {}\n", note);
}

int run(const Options& options, const std::stop_token& stop) {
    const int exact = print_textbook();
    std::fflush(stdout);
    const native::MachineDescription machine = native::describe_machine();
    std::vector<lab::MeasurableCase> cases =
        lab::measurable_cases(std::chrono::milliseconds{options.work_milliseconds});
    std::erase_if(cases, [&](const lab::MeasurableCase& one) { return one.cores > machine.cpus; });
    fmt::print(
        "The same design at this machine's real costs ({}, {} CPUs, {}): two tasks of {} ms, handing over often.\n\n",
        machine.cpu, machine.cpus, machine.kernel, options.work_milliseconds);
    std::fflush(stdout);
    std::optional<lab::Calibration> calibration;
    {
        ProgressBar progress("calibrating");
        lab::CalibrationOptions wanted;
        wanted.quick = true;
        wanted.force = true; // it says how much others had, and shows what it can
        wanted.tool = "switchyard " SWITCHYARD_VERSION " demo";
        wanted.stop = stop;
        calibration =
            lab::calibrate(wanted, [&](double fraction, std::string_view what) { progress.show(fraction, what); });
    }
    if (!calibration) return interrupted;
    std::vector<Scenario> scenarios;
    for (const lab::MeasurableCase& one : cases) scenarios.push_back(one.scenario);
    lab::ComparisonOptions comparison;
    comparison.rounds = options.rounds;
    comparison.stop = stop;
    std::vector<lab::Comparison> comparisons;
    {
        ProgressBar progress("running for real");
        comparisons = lab::compare(scenarios, calibration->profile, comparison,
                                   [&](double fraction, std::string_view what) { progress.show(fraction, what); });
    }
    print_comparison(cases, comparisons);
    print_legend(comparisons, options.rounds);
    for (const std::string& warning : calibration->profile.warnings) fmt::print("calibration: {}\n", warning);
    return exact;
}

} // namespace

std::function<int()> add_demo(CLI::App& app, std::stop_token stop) {
    auto options = std::make_shared<Options>();
    app.add_option("--rounds", options->rounds, "how often each case is run natively")
        ->capture_default_str()
        ->check(CLI::Range(1, 1000));
    app.add_option("--work", options->work_milliseconds, "work of each task in the native part, in ms")
        ->capture_default_str()
        ->check(CLI::Range(1, 100000));
    return [options, stop] { return run(*options, stop); };
}

} // namespace switchyard::cli
