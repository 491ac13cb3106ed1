// switchyard calibrate: what this machine's primitives cost.
#include "cli/command.hpp"
#include "cli/progress.hpp"
#include "cli/profile_text.hpp"
#include "cli/table.hpp"
#include "formats/json/profile_json.hpp"
#include "lab/calibrate/calibrate.hpp"

#include <fmt/format.h>
#include <memory>

namespace switchyard::cli {

namespace {

struct Options {
    std::string output;
    std::string name = "this machine";
    bool quick = false;
    std::optional<int> cpu;
};

int run(const Options& options, const std::stop_token& stop) {
    lab::CalibrationOptions calibration;
    calibration.profile_name = options.name;
    calibration.quick = options.quick;
    calibration.tool = std::string("switchyard " SWITCHYARD_VERSION " calibrate") + (options.quick ? " --quick" : "");
    calibration.cpu = options.cpu;
    calibration.stop = stop;
    std::optional<lab::Calibration> result;
    {
        ProgressBar progress("calibrating");
        result = lab::calibrate(calibration, [&](double fraction, std::string_view probe) { progress.show(fraction, probe); });
    }
    if (!result) return interrupted;
    if (options.output == "-") {
        fmt::print("{}", formats::profile_to_json(result->profile));
        return succeeded;
    }
    fmt::print("{}", profile_text(result->profile, wants_colour()));
    if (!options.output.empty()) {
        formats::write_profile(result->profile, options.output);
        fmt::print("\nwritten to {}: use it with --profile {}\n", options.output, options.output);
    }
    return succeeded;
}

} // namespace

std::function<int()> add_calibrate(CLI::App& app, std::stop_token stop) {
    auto options = std::make_shared<Options>();
    app.add_option("-o,--output", options->output, "write the profile there (JSON); '-' prints it")->type_name("FILE");
    app.add_option("--name", options->name, "what the profile is called")->capture_default_str();
    app.add_option("--cpu", options->cpu, "the processor to measure on (default: the last one allowed)")->type_name("N");
    app.add_flag("--quick", options->quick, "under 20 s, with wider intervals");
    return [options, stop] { return run(*options, stop); };
}

} // namespace switchyard::cli
