#include "lab/calibrate/agreement.hpp"

#include "models/fit/statistics.hpp"
#include "native/measurement/isolation.hpp"
#include "native/probes/run.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <sstream>
#include <unistd.h>

namespace switchyard::lab {

namespace {

constexpr double calls = 2'000'000, round_trips = 200'000, forks = 2'000, copied_bytes = 65536;

// The number on the last line, whatever remarks stand before it.
double number_in(const std::string& text) {
    const std::size_t end = text.find_last_not_of('\n');
    const std::size_t before = end == std::string::npos ? end : text.rfind('\n', end);
    return std::strtod(text.c_str() + (before == std::string::npos ? 0 : before + 1), nullptr);
}

// Of "Simple syscall: 0.0770 microseconds".
double microseconds_in(const std::string& output) {
    const std::size_t colon = output.find(':');
    return colon == std::string::npos ? 0 : number_in(output.substr(colon + 1));
}

bool is_in_path(std::string_view program) {
    const char* const path = std::getenv("PATH");
    std::istringstream folders(path == nullptr ? "/usr/bin:/bin" : path);
    for (std::string folder; std::getline(folders, folder, ':');)
        if (access((std::filesystem::path(folder) / program).c_str(), X_OK) == 0) return true;
    return false;
}

// What a command prints, on both its streams.
std::string output_of(std::string_view command) {
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(fmt::format("{} 2>&1", command).c_str(), "r"), pclose);
    std::string output;
    char part[4096];
    while (pipe && std::fgets(part, sizeof part, pipe.get()) != nullptr) output += part;
    return output;
}

} // namespace

const std::vector<OtherBenchmark>& other_benchmarks() {
    // perf's simple format is the seconds of the whole run, of memcpy the bytes a second. A round trip is two hops.
    static const std::vector<OtherBenchmark> all{
        {"system_call", 0, "perf", "perf bench -f simple syscall basic -l 2000000",
         [](const std::string& output) { return number_in(output) * 1e9 / calls; }},
        {"pipe_thread", 1, "perf", "perf bench -f simple sched pipe -T -l 200000",
         [](const std::string& output) { return number_in(output) * 1e9 / round_trips / 2; }},
        {"pipe_process", 1, "perf", "perf bench -f simple sched pipe -l 200000",
         [](const std::string& output) { return number_in(output) * 1e9 / round_trips / 2; }},
        {"memory_copy", 65536, "perf", "perf bench -f simple mem memcpy -f default -s 64KB -l 100000",
         [](const std::string& output) { return copied_bytes * 1e9 / number_in(output); }},
        {"fork_life", 0, "perf", "perf bench -f simple syscall fork -l 2000",
         [](const std::string& output) { return number_in(output) * 1e9 / forks; }},
        {"system_call", 0, "lat_syscall", "lat_syscall null",
         [](const std::string& output) { return microseconds_in(output) * 1000; }},
        {"pipe_process", 1, "lat_pipe", "lat_pipe",
         [](const std::string& output) { return microseconds_in(output) * 1000 / 2; }},
        {"fork_life", 0, "lat_proc", "lat_proc fork",
         [](const std::string& output) { return microseconds_in(output) * 1000; }},
    };
    return all;
}

std::optional<double> Agreement::ratio() const {
    if (ours.empty() || theirs.empty()) return std::nullopt;
    return median(ours) / median(theirs);
}

std::vector<Agreement> compare_with_others(const AgreementOptions& options,
                                           const std::function<void(double, std::string_view)>& progress) {
    const std::vector<int> allowed = native::allowed_cpus();
    const std::vector<int> cpu{options.cpu.value_or(allowed.back())};
    const native::TimeStampScale scale = native::calibrate_time_stamps();
    std::vector<Agreement> all;
    for (const OtherBenchmark& benchmark : other_benchmarks()) {
        Agreement& one = all.emplace_back();
        one.benchmark = &benchmark;
        if (!is_in_path(benchmark.program)) one.skipped = fmt::format("no {} in the PATH", benchmark.program);
    }
    native::pin_to(cpu); // inherited by what is started
    const double steps = static_cast<double>(options.rounds) * static_cast<double>(all.size());
    for (double step = 0; step < steps && !options.stop.stop_requested(); ++step) {
        Agreement& one = all[static_cast<std::size_t>(step) % all.size()];
        if (!one.skipped.empty()) continue;
        if (progress) progress(step / steps, one.benchmark->command);
        const double theirs = one.benchmark->nanoseconds(output_of(one.benchmark->command));
        if (!(theirs > 0) || theirs > 1e12) {
            one.skipped = fmt::format("this {} does not know it", one.benchmark->program);
            continue;
        }
        const native::Probe* const probe = native::probe_named(one.benchmark->probe);
        const native::ProbeResult result = native::run_probe(
            *probe, {scale, options.probe_milliseconds * 1e6, one.benchmark->amount}, cpu.front(), options.stop);
        if (result.samples.empty()) {
            one.skipped = result.failure;
            continue;
        }
        std::vector<double> values;
        for (const native::Sample& sample : result.samples) values.push_back(sample.value);
        one.ours.push_back(median(values));
        one.theirs.push_back(theirs);
    }
    native::pin_to(allowed);
    return all;
}

} // namespace switchyard::lab
