// switchyard import: a recording of a real program becomes a scenario, and may be compared with its replay.
#include "cli/command.hpp"
#include "cli/table.hpp"
#include "formats/files.hpp"
#include "formats/perf_script/read_perf_script.hpp"
#include "lab/recording/replay.hpp"
#include "models/units/text.hpp"

#include <cmath>
#include <fmt/format.h>
#include <map>
#include <memory>

namespace switchyard::cli {

namespace {

struct Options {
    std::string file;
    std::string output;
    lab::ImportOptions import;
    lab::Pinning pinning = lab::Pinning::inferred;
    bool compare = false;
    bool json = false;
};

std::string shown(double value, lab::ReplayUnit unit) {
    switch (unit) {
    case lab::ReplayUnit::count: return fmt::format("{:.0f}", value);
    case lab::ReplayUnit::share: return fmt::format("{:.2f} %", value * 100);
    case lab::ReplayUnit::time: return rounded_text(Duration{std::llround(value * 1e12)});
    }
    return {};
}

std::string error_of(const lab::ReplayFigure& figure) {
    if (figure.recorded == figure.replayed) return "0";
    if (figure.recorded == 0) return "";
    return fmt::format("{:+.1f} %", 100 * (figure.replayed - figure.recorded) / figure.recorded);
}

std::string replay_text(const lab::Replay& replay, bool coloured) {
    Table table({{"", Align::left},
                 {"", Align::left},
                 {"recorded"},
                 {"replayed"},
                 {"error"},
                 {"allowed"},
                 {"", Align::left},
                 {"distance"}});
    std::string task;
    std::size_t missed = 0;
    for (const lab::ReplayFigure& figure : replay.figures) {
        if (figure.task != task) table.add_line();
        const bool met = figure.is_met();
        if (!met) ++missed;
        table.add({{figure.task == task ? "" : figure.task, Colour::bold},
                   {figure.name},
                   {shown(figure.recorded, figure.unit)},
                   {shown(figure.replayed, figure.unit)},
                   {error_of(figure)},
                   {figure.limit ? shown(*figure.limit, figure.unit) : "", Colour::faint},
                   {!figure.limit ? ""
                    : met         ? "ok"
                                  : "off",
                    met ? Colour::green : Colour::red},
                   {figure.distance ? fmt::format("{:.3f}", *figure.distance) : "", Colour::faint}});
        task = figure.task;
    }
    std::string text = table.text(coloured);
    text +=
        fmt::format("\n{} of {} figures within what is allowed", replay.figures.size() - missed, replay.figures.size());
    if (replay.interludes > 0)
        text += fmt::format("; {} times others took the processor for a moment (not counted)", replay.interludes);
    if (replay.report.outcome != Outcome::completed)
        text += fmt::format("\nthe replay did not complete: {}", replay.report.diagnosis);
    return text + '\n';
}

int run(Options options, const std::stop_token& stop) {
    options.import.behaviour.pinning = options.pinning;
    const lab::Import import = lab::import_recording(formats::read_perf_script(options.file), options.import);
    const bool to_file = !options.output.empty() && options.output != "-";
    if (to_file) formats::write_file(options.output, import.text);
    if (!options.compare) {
        if (!to_file) {
            fmt::print("{}", import.text);
            return succeeded;
        }
        for (const std::string& remark : import.remarks) fmt::print("{}\n", remark);
        fmt::print("next: switchyard run {}\n", options.output);
        return succeeded;
    }
    const lab::Replay replay = lab::replay(import, stop);
    if (options.json) {
        fmt::print("{}", lab::replay_to_json(replay));
    } else {
        for (const std::string& remark : import.remarks) fmt::print("{}\n", remark);
        fmt::print("\n{}", replay_text(replay, wants_colour()));
        if (to_file) fmt::print("next: switchyard run {}\n", options.output);
    }
    return replay.passed() ? succeeded : failed;
}

} // namespace

std::function<int()> add_import(CLI::App& app, std::stop_token stop) {
    auto options = std::make_shared<Options>();
    app.add_option("TRACE", options->file,
                   "a recording of scheduling events as text: of 'switchyard record', 'perf script' or tracefs; '-': "
                   "standard input")
        ->required();
    app.add_option("-o,--output", options->output, "the scenario file (default: standard output)")->type_name("FILE");
    app.add_flag("--compare", options->compare,
                 "simulate it and compare with the recording: switches, run lengths, shares, wake-up latencies");
    app.add_flag("--json", options->json, "with --compare: print that as JSON, the stable form");
    app.add_option(
           "--only", options->import.selection.only,
           "whose threads: names, process or thread numbers (default: the recorded command and what it started; "
           "else whoever was busy)")
        ->delimiter(',')
        ->type_name("LIST");
    app.add_flag("--all", options->import.selection.all, "all threads, the kernel's too")->excludes("--only");
    app.add_option("--from", options->import.from, "leave out what came before, in seconds from its beginning");
    app.add_option("--to", options->import.to, "leave out what came after, likewise");
    app.add_option("--hz", options->import.hz, "timer ticks a second of that machine (default: as noted, or inferred)")
        ->check(CLI::Range(1, 100'000));
    app.add_option(
           "--pin", options->pinning,
           "who is bound to a processor: 'seen', whoever was seen on one only; 'inferred', where that has no other "
           "reason; 'none'")
        ->transform(CLI::CheckedTransformer(std::map<std::string, lab::Pinning>{
            {"inferred", lab::Pinning::inferred}, {"seen", lab::Pinning::seen}, {"none", lab::Pinning::none}}))
        ->type_name("WHO");
    app.add_option("--name", options->import.name, "of the scenario (default: the file's)");
    app.add_flag("--accept-losses", options->import.accepts_losses, "import although events are missing");
    return [options, stop] { return run(*options, stop); };
}

} // namespace switchyard::cli
