#include "lab/calibrate/calibrate.hpp"

#include "lab/calibrate/laws.hpp"
#include "lab/calibrate/load_gate.hpp"
#include "lab/calibrate/rounds.hpp"
#include "lab/calibrate/selection.hpp"
#include "models/errors.hpp"
#include "native/machine/kernel_parameters.hpp"
#include "native/machine/machine.hpp"
#include "native/measurement/isolation.hpp"

#include <algorithm>
#include <ctime>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <functional>

namespace switchyard::lab {

namespace {

void add_once(std::vector<std::string>& sentences, const std::string& sentence) {
    if (std::ranges::find(sentences, sentence) == sentences.end()) sentences.push_back(sentence);
}

// The processor the stopwatches stand on, and another one for probes that need two, where there is one.
std::vector<int> processors(const CalibrationOptions& options) {
    const std::vector<int> allowed = native::allowed_cpus();
    std::vector<int> cpus{options.cpu.value_or(allowed.back())};
    const auto other = std::find_if(allowed.rbegin(), allowed.rend(), [&](int cpu) { return cpu != cpus.front(); });
    if (other != allowed.rend()) cpus.push_back(*other);
    return cpus;
}

JournalHeader header_of(const CalibrationOptions& options, std::span<const ProbeRecord> records,
                        std::span<const int> cpus, const native::MachineDescription& machine) {
    std::string probes = fmt::format("{} rounds, {} ms, cpus {}:", rounds_wanted(options),
                                     options.probe_milliseconds.value_or(0), fmt::join(cpus, ","));
    for (const ProbeRecord& record : records)
        probes += fmt::format(" {}@{}*{}", record.probe->name, record.amount, weight_of(record));
    return {options.tool, machine.cpu + ", " + machine.kernel, std::move(probes), std::time(nullptr)};
}

// Throws where others use the processors, or says so.
void check_load(const CalibrationOptions& options, std::span<const int> cpus, std::vector<std::string>& warnings) {
    if (!options.check_load) return;
    const LoadOfOthers load = watch_load(cpus);
    if (load.share <= most_load_to_begin) return;
    if (!options.force)
        throw SystemError(
            fmt::format("{}; figures would be theirs as much as the machine's: wait for them, end them, or "
                        "calibrate all the same with --force",
                        text_of(load, cpus)));
    warnings.push_back("begun by force while " + text_of(load, cpus));
    if (options.say) options.say(warnings.back());
}

void say_what_load_there_was(CostProfile& profile, std::span<const int> cpus) {
    if (profile.origin.foreign_load <= native::quiet_foreign_load) return;
    profile.warnings.push_back(fmt::format("other programs used {:.0f} % of processor{} {} meanwhile",
                                           profile.origin.foreign_load * 100, cpus.size() > 1 ? "s" : "",
                                           fmt::join(cpus, ", ")));
}

} // namespace

std::optional<Calibration> calibrate(const CalibrationOptions& options, const Progress& progress) {
    const std::vector<int> cpus = processors(options);
    const native::MachineDescription machine = native::describe_machine();
    Calibration calibration;
    CostProfile& profile = calibration.profile;
    if (!native::time_stamps_are_steady())
        profile.warnings.push_back("the time stamp counter follows the processor's frequency: figures are unreliable");

    std::vector<ProbeRecord> records = wanted_records(options.only, options.most_pages);
    check_load(options, cpus, profile.warnings); // whoever is refused leaves no journal
    Journal journal(options.journal, header_of(options, records, cpus, machine));
    if (!journal.remark().empty() && options.say) options.say(journal.remark());
    if (!journal.entries().empty() && options.say)
        options.say(fmt::format("going on after {} of {} measurements in {}", journal.entries().size(),
                                records.size() * rounds_wanted(options), options.journal));
    const std::optional<RoundsMeasured> measured = measure_rounds(records, cpus, journal, options, progress);
    if (!measured) return std::nullopt;
    calibration.seconds = measured->seconds;
    for (const std::string& note : measured->notes) add_once(profile.warnings, note);

    profile.name = options.profile_name;
    profile.origin = {machine.cpu,
                      machine.kernel,
                      native::utc_now(),
                      options.tool,
                      machine.cpus,
                      measured->foreign_load,
                      measured->highest_foreign_load,
                      measured->measured_again};
    say_what_load_there_was(profile, cpus);
    profile.hz = machine.hz;
    profile.iteration_picoseconds = nominal_iteration_picoseconds(records);
    native::KernelReading kernel = native::read_kernel_parameters();
    profile.kernel = std::move(kernel.parameters);
    for (const std::string& note : kernel.notes) add_once(profile.warnings, note);

    const BootstrapOptions bootstrap{.seed = options.seed};
    for (const ProbeRecord& record : records) {
        if (std::optional<ProbeSummary> summary = summarise(record, profile.iteration_picoseconds, bootstrap))
            calibration.probes.push_back(std::move(*summary));
        else if (!record.failures.empty())
            profile.warnings.push_back(fmt::format("probe {}: {}", record.probe->name, record.failures.front()));
    }
    FittedLaws fitted = fit_laws(calibration.probes, bootstrap);
    profile.law = std::move(fitted.law);
    for (const std::string& warning : fitted.warnings) add_once(profile.warnings, warning);
    return calibration;
}

} // namespace switchyard::lab
