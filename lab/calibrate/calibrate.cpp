#include "lab/calibrate/calibrate.hpp"

#include "lab/calibrate/laws.hpp"
#include "native/machine/machine.hpp"
#include "native/measurement/foreign_load.hpp"
#include "native/probes/run.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace switchyard::lab {

namespace {

constexpr std::uint32_t quick_rounds = 3;
constexpr std::uint32_t full_rounds = 7;
constexpr double quick_probe_milliseconds = 80;
constexpr double full_probe_milliseconds = 350;

// Every probe that is wanted, at every amount of its quantity, in the order they are run in each round.
std::vector<ProbeRecord> empty_records(const CalibrationOptions& options) {
    const std::int64_t most_pages = options.most_pages;
    const auto is_wanted = [&](const native::Probe& probe) {
        return options.only.empty() || std::ranges::any_of(options.only, [&](const std::string& beginning) {
                   return probe.name.starts_with(beginning);
               });
    };
    std::vector<ProbeRecord> records;
    for (const native::Probe& probe : native::probes()) {
        if (!is_wanted(probe)) continue;
        if (probe.amounts.empty()) records.push_back({&probe, 0, {}, {}});
        for (const std::int64_t amount : probe.amounts)
            if (probe.over != Quantity::pages || amount <= most_pages || amount == probe.amounts.front())
                records.push_back({&probe, amount, {}, {}});
    }
    return records;
}

void add_once(std::vector<std::string>& sentences, const std::string& sentence) {
    if (std::find(sentences.begin(), sentences.end(), sentence) == sentences.end()) sentences.push_back(sentence);
}

// The processor the stopwatches stand on, and another one for probes that need two, where there is one.
std::vector<int> processors(const CalibrationOptions& options) {
    const std::vector<int> allowed = native::allowed_cpus();
    std::vector<int> cpus{options.cpu.value_or(allowed.back())};
    const auto other = std::find_if(allowed.rbegin(), allowed.rend(), [&](int cpu) { return cpu != cpus.front(); });
    if (other != allowed.rend()) cpus.push_back(*other);
    return cpus;
}

// Runs all rounds; false where a stop was requested.
bool run_rounds(std::vector<ProbeRecord>& records, std::vector<std::string>& warnings, const std::vector<int>& cpus,
                const CalibrationOptions& options, const Progress& progress) {
    const std::uint32_t rounds = options.rounds.value_or(options.quick ? quick_rounds : full_rounds);
    const double milliseconds =
        options.probe_milliseconds.value_or(options.quick ? quick_probe_milliseconds : full_probe_milliseconds);
    const native::TimeStampScale scale = native::calibrate_time_stamps();
    double done = 0;
    for (std::uint32_t round = 0; round < rounds; ++round) {
        for (ProbeRecord& record : records) {
            if (progress) progress(done, record.probe->name);
            native::ProbeRun run{scale, milliseconds * 1e6 * record.probe->weight, record.amount};
            if (cpus.size() > 1) run.other_cpu = cpus.back();
            const native::ProbeResult result = native::run_probe(*record.probe, run, cpus.front(), options.stop);
            if (result.stopped || options.stop.stop_requested()) return false;
            for (const std::string& note : result.notes) add_once(warnings, note);
            if (!result.failure.empty()) record.failures.push_back(result.failure);
            record.rounds.push_back(figure_of(*record.probe, result.samples));
            done += 1.0 / (static_cast<double>(rounds) * static_cast<double>(records.size()));
        }
    }
    if (progress) progress(1, "");
    return true;
}

ProfileOrigin origin_of(const native::MachineDescription& machine, const CalibrationOptions& options) {
    return {machine.cpu, machine.kernel, native::utc_now(), options.tool, machine.cpus, 0};
}

} // namespace

std::optional<Calibration> calibrate(const CalibrationOptions& options, const Progress& progress) {
    const std::vector<int> cpus = processors(options);
    const native::MachineDescription machine = native::describe_machine();
    Calibration calibration;
    CostProfile& profile = calibration.profile;
    if (!native::time_stamps_are_steady())
        profile.warnings.push_back("the time stamp counter follows the processor's frequency: figures are unreliable");

    const native::LoadReading load_before = native::read_load(cpus);
    std::vector<ProbeRecord> records = empty_records(options);
    if (!run_rounds(records, profile.warnings, cpus, options, progress)) return std::nullopt;

    profile.name = options.profile_name;
    profile.origin = origin_of(machine, options);
    profile.origin.foreign_load = native::foreign_load(load_before, native::read_load(cpus));
    if (profile.origin.foreign_load > native::quiet_foreign_load) {
        profile.warnings.push_back(fmt::format("other programs used {:.0f} % of processor{} {} meanwhile",
                                               profile.origin.foreign_load * 100, cpus.size() > 1 ? "s" : "",
                                               fmt::join(cpus, ", ")));
    }
    profile.hz = machine.hz;
    profile.iteration_picoseconds = nominal_iteration_picoseconds(records);

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
