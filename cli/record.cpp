// switchyard record: runs a command and records what the scheduler did with it.
#include "cli/command.hpp"
#include "cli/inputs.hpp"
#include "cli/progress.hpp"
#include "formats/files.hpp"
#include "formats/perf_script/read_perf_script.hpp"
#include "lab/recording/import.hpp"
#include "models/errors.hpp"
#include "native/capture/recorded_command.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <memory>

namespace switchyard::cli {

namespace {

struct Options {
    std::vector<std::string> command;
    std::string output;
    std::string scenario;
    std::string events = "auto";
};

// perf's clock has nanoseconds, tracefs' text microseconds, but tells interrupts apart; it is asked first by `auto`
// because waits of programs are what scenarios are made of.
native::EventSource source_of(const std::string& name) {
    const native::EventSource source = native::event_source(name);
    if (source == native::EventSource::counters)
        throw InputError("counters know no events: record from tracefs or perf");
    return source;
}

int run(const Options& options, const std::stop_token& stop) {
    const native::EventSource source = source_of(options.events);
    const std::string output = !options.output.empty()
                                   ? options.output
                                   : std::filesystem::path(options.command.front()).filename().string() + ".sched.txt";
    native::RecordedCommand recorded;
    {
        ProgressBar progress("recording");
        recorded = native::record_command(options.command, source, stop, [&](double seconds) {
            progress.show(fmt::format("{:.0f} s; Ctrl-C ends '{}'", seconds, options.command.front()));
        });
    }
    formats::write_file(output, recorded.text);
    if (output == "-") return succeeded;
    fmt::print("'{}' {} after {:.3f} s; its scheduling events (from {}) are in {}\n", options.command.front(),
               recorded.end, recorded.seconds, recorded.source, output);
    if (recorded.lost > 0)
        fmt::print("{} events had no room: record a shorter run, or with '--events perf'\n", recorded.lost);
    if (options.scenario.empty()) {
        fmt::print("next: switchyard import {} --compare -o scenario.yaml\n", output);
        return succeeded;
    }
    lab::ImportOptions import;
    import.accepts_losses = true;
    import.name = std::filesystem::path(options.scenario).stem().string();
    const lab::Import imported = lab::import_recording(formats::parse_perf_script(recorded.text, output), import);
    formats::write_file(options.scenario, imported.text);
    for (const std::string& remark : imported.remarks) fmt::print("{}\n", remark);
    fmt::print("next: switchyard run {}\n", options.scenario);
    return succeeded;
}

} // namespace

std::function<int()> add_record(CLI::App& app, std::stop_token stop) {
    auto options = std::make_shared<Options>();
    app.add_option("COMMAND", options->command, "what to run, with its arguments; after '--'")->required();
    app.add_option("-o,--output", options->output, "where the events go, as text (default: COMMAND.sched.txt)")
        ->type_name("FILE");
    app.add_option("--scenario", options->scenario, "import it at once, into this scenario file")->type_name("FILE");
    app.add_option("--events", options->events,
                   "who records: tracefs (whole microseconds; tells interrupts from wakers), perf (nanoseconds; longer "
                   "runs); auto: the first that is to be had")
        ->capture_default_str()
        ->check(CLI::IsMember({"auto", "tracefs", "perf"}));
    app.positionals_at_end();
    return [options, stop] { return run(*options, stop); };
}

} // namespace switchyard::cli
