#include "native/machine/kernel_parameters.hpp"

#include "models/units/text.hpp"
#include "native/machine/machine.hpp"

#include <algorithm>
#include <bit>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <sys/utsname.h>

namespace switchyard::native {

namespace {

class Reader {
public:
    explicit Reader(std::string root) : root_(std::move(root)) {}

    // The first line of a file, or nothing where it cannot be read.
    [[nodiscard]] std::optional<std::string> line_of(const std::string& file) const {
        std::ifstream stream(root_ + file);
        std::string line;
        if (!std::getline(stream, line)) return std::nullopt;
        return line;
    }

    [[nodiscard]] std::optional<std::int64_t> number_in(const std::string& file) const {
        const std::optional<std::string> line = line_of(file);
        if (!line) return std::nullopt;
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(line->data(), line->data() + line->size(), number);
        if (error != std::errc{}) return std::nullopt;
        return number;
    }

    // The word in brackets of "always [madvise] never", or in parentheses of "none (full)".
    [[nodiscard]] std::optional<std::string> chosen_in(const std::string& file) const {
        const std::optional<std::string> line = line_of(file);
        if (!line) return std::nullopt;
        const std::size_t begin = line->find_first_of("[(");
        const std::size_t end = line->find_first_of("])");
        if (begin == std::string::npos || end == std::string::npos || end < begin) return std::nullopt;
        return line->substr(begin + 1, end - begin - 1);
    }

    // The number of a line "key : 123" of a file.
    [[nodiscard]] std::optional<std::int64_t> keyed_number(const std::string& file, std::string_view key) const {
        std::ifstream stream(root_ + file);
        for (std::string line; std::getline(stream, line);) {
            std::istringstream fields(line);
            std::string name, colon;
            std::int64_t number = 0;
            if (fields >> name >> colon >> number && name == key && colon == ":") return number;
        }
        return std::nullopt;
    }

    void add(const std::string& name, const std::optional<std::string>& value, const std::string& from) {
        if (value)
            reading.parameters.push_back({name, *value, from});
        else
            unreadable.push_back(name);
    }

    KernelReading reading;
    std::vector<std::string> unreadable;

private:
    std::string root_;
};

// In nanoseconds, as policies want their times.
std::optional<std::string> time_text(std::optional<std::int64_t> count, std::chrono::nanoseconds unit) {
    if (!count || *count < 0) return std::nullopt;
    return exact_text(Duration{std::chrono::nanoseconds{*count * unit.count()}});
}

std::optional<std::string> flag_text(std::optional<std::int64_t> number) {
    if (!number) return std::nullopt;
    return *number != 0 ? "yes" : "no";
}

std::optional<std::string> number_text(std::optional<std::int64_t> number) {
    if (!number) return std::nullopt;
    return std::to_string(*number);
}

constexpr std::chrono::nanoseconds nanosecond{1}, microsecond{1000}, millisecond{1'000'000};

// "6.18.44-fc" as 6018; 0 where it is no release.
int release_number(const std::string& release) {
    int major = 0, minor = 0;
    return std::sscanf(release.c_str(), "%d.%d", &major, &minor) == 2 ? major * 1000 + minor : 0;
}

// What the kernel multiplies its slices by: get_update_sysctl_factor in kernel/sched/fair.c.
std::int64_t scaling_factor(std::string_view scaling, std::uint32_t processors) {
    const std::int64_t counted = std::clamp<std::int64_t>(processors, 1, 8);
    if (scaling == "none") return 1;
    return scaling == "linear" ? counted
                               : static_cast<std::int64_t>(std::bit_width(static_cast<std::uint64_t>(counted)));
}

void read_slices(Reader& reader, std::uint32_t processors) {
    constexpr std::string_view scalings[] = {"none", "log", "linear"}; // enum sched_tunable_scaling
    std::string scaling = "log";
    const auto number = reader.number_in("/sys/kernel/debug/sched/tunable_scaling");
    const bool is_known = number && *number >= 0 && *number < std::ssize(scalings);
    if (is_known) scaling = scalings[*number];
    reader.add("tunable_scaling", is_known ? std::optional(scaling) : std::nullopt, "debugfs sched/tunable_scaling");

    std::string from = "debugfs sched/base_slice_ns";
    auto slice = reader.number_in("/sys/kernel/debug/sched/base_slice_ns");
    if (!slice) {
        slice = reader.keyed_number("/proc/self/sched", "se.slice");
        from = "/proc/self/sched";
    }
    if (slice) {
        const std::int64_t factor = scaling_factor(scaling, processors);
        from +=
            fmt::format(": {} for {} processors", exact_text(Duration{std::chrono::nanoseconds{*slice}}), processors);
        slice = *slice / factor;
    }
    reader.add("base_slice", time_text(slice, nanosecond), from);
}

// "GENTLE_FAIR_SLEEPERS NO_HRTICK": a parameter each.
void read_features(Reader& reader) {
    const std::optional<std::string> line = reader.line_of("/sys/kernel/debug/sched/features");
    if (!line) {
        reader.unreadable.push_back("the scheduler's features (run_to_parity, hrtick, ...)");
        return;
    }
    std::istringstream words(*line);
    for (std::string word; words >> word;) {
        const bool is_off = word.starts_with("NO_");
        std::string name = is_off ? word.substr(3) : word;
        std::ranges::transform(name, name.begin(), [](unsigned char letter) { return std::tolower(letter); });
        reader.add(name, is_off ? "no" : "yes", "debugfs sched/features");
    }
}

void read_scheduler(Reader& reader, int release, std::uint32_t processors) {
    if (release > 0) {
        reader.add("fair", release >= 6017 ? "eevdf-6.17" : release >= 6006 ? "eevdf-6.12" : "cfs", "the release");
        if (release >= 6006) read_slices(reader, processors);
    }
    reader.add("migration_cost", time_text(reader.number_in("/sys/kernel/debug/sched/migration_cost_ns"), nanosecond),
               "debugfs sched/migration_cost_ns");
    reader.add("nr_migrate", number_text(reader.number_in("/sys/kernel/debug/sched/nr_migrate")),
               "debugfs sched/nr_migrate");
    read_features(reader);
    const std::string server = "/sys/kernel/debug/sched/fair_server/cpu0/";
    const auto runtime = reader.number_in(server + "runtime");
    if (runtime && *runtime > 0) {
        reader.add("fair_server_runtime", time_text(runtime, nanosecond), "debugfs sched/fair_server/cpu0/runtime");
        reader.add("fair_server_period", time_text(reader.number_in(server + "period"), nanosecond),
                   "debugfs sched/fair_server/cpu0/period");
    }
    if (runtime)
        reader.add("fair_server", *runtime > 0 ? "yes" : "no", "debugfs sched/fair_server/cpu0/runtime");
    else if (release > 0)
        reader.add("fair_server", release >= 6012 ? "yes" : "no", "the release");

    const std::string sysctl = "/proc/sys/kernel/";
    const auto period = reader.number_in(sysctl + "sched_rt_period_us");
    auto most = reader.number_in(sysctl + "sched_rt_runtime_us");
    if (most == -1) most = period; // no limit
    reader.add("rr_slice", time_text(reader.number_in(sysctl + "sched_rr_timeslice_ms"), millisecond),
               "sched_rr_timeslice_ms");
    reader.add("rt_runtime", time_text(most, microsecond), "sched_rt_runtime_us");
    reader.add("rt_period", time_text(period, microsecond), "sched_rt_period_us");
    reader.add("bandwidth_slice", time_text(reader.number_in(sysctl + "sched_cfs_bandwidth_slice_us"), microsecond),
               "sched_cfs_bandwidth_slice_us");
    // A kernel built without it has no such file.
    reader.add("autogroup", flag_text(reader.number_in(sysctl + "sched_autogroup_enabled").value_or(0)),
               "sched_autogroup_enabled");
}

void read_preemption(Reader& reader, const std::string& version) {
    if (const auto chosen = reader.chosen_in("/sys/kernel/debug/sched/preempt")) {
        reader.add("preemption", chosen, "debugfs sched/preempt");
        return;
    }
    // "#1 SMP PREEMPT_DYNAMIC": how it was built, not which of its modes it is in.
    for (const auto& [word, mode] :
         {std::pair{"PREEMPT_RT", "real-time"}, std::pair{"PREEMPT_DYNAMIC", "dynamic"}, std::pair{"PREEMPT", "full"}})
        if (version.find(word) != std::string::npos) return reader.add("preemption", mode, "uname -v");
    reader.add("preemption", "none or voluntary", "uname -v");
}

void read_memory(Reader& reader) {
    constexpr std::string_view modes[] = {"heuristic", "always", "never"}; // vm/overcommit_memory
    const auto mode = reader.number_in("/proc/sys/vm/overcommit_memory");
    const bool is_known = mode && *mode >= 0 && *mode < std::ssize(modes);
    reader.add("overcommit_memory", is_known ? std::optional(std::string(modes[*mode])) : std::nullopt,
               "vm.overcommit_memory");
    const std::string huge = "/sys/kernel/mm/transparent_hugepage/";
    reader.add("transparent_huge_pages", reader.chosen_in(huge + "enabled"), "transparent_hugepage/enabled");
    reader.add("transparent_huge_pages_defrag", reader.chosen_in(huge + "defrag"), "transparent_hugepage/defrag");
    reader.add("numa_balancing", flag_text(reader.number_in("/proc/sys/kernel/numa_balancing")),
               "kernel.numa_balancing");
}

void read_power(Reader& reader) {
    const std::string cpus = "/sys/devices/system/cpu/";
    reader.add("idle_driver", reader.line_of(cpus + "cpuidle/current_driver"), "cpuidle/current_driver");
    auto governor = reader.line_of(cpus + "cpuidle/current_governor");
    if (!governor) governor = reader.line_of(cpus + "cpuidle/current_governor_ro");
    reader.add("idle_governor", governor, "cpuidle/current_governor");
    reader.add("frequency_governor", reader.line_of(cpus + "cpu0/cpufreq/scaling_governor"),
               "cpu0/cpufreq/scaling_governor");
}

} // namespace

KernelReading read_kernel_parameters(const KernelPlaces& places) {
    utsname system{};
    uname(&system);
    const std::string release = places.release.empty() ? system.release : places.release;
    const std::string version = places.version.empty() ? system.version : places.version;
    const std::uint32_t processors = places.processors > 0 ? places.processors : online_processors();

    Reader reader(places.root);
    if (const std::uint32_t hz = describe_machine().hz; hz > 0)
        reader.add("hz", std::to_string(hz), "resolution of the coarse clock");
    reader.add("online_processors", std::to_string(processors), "sysconf");
    read_scheduler(reader, release_number(release), processors);
    read_preemption(reader, version);
    reader.add("timer_slack", exact_text(Duration{timer_slack()}), "prctl");
    read_memory(reader);
    read_power(reader);
    if (!reader.unreadable.empty())
        reader.reading.notes.push_back(fmt::format(
            "this kernel does not say (debugfs is root's, and not everywhere mounted): {}; simulated Linux has its "
            "defaults there",
            fmt::join(reader.unreadable, ", ")));
    return std::move(reader.reading);
}

} // namespace switchyard::native
