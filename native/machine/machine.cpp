#include "native/machine/machine.hpp"

#include "native/measurement/isolation.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fstream>
#include <sys/utsname.h>
#include <unistd.h>

namespace switchyard::native {

// "model name : AMD EPYC" on x86; arm64 kernels only number their parts.
static std::string cpu_model() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);) {
        const std::size_t colon = line.find(':');
        if (line.starts_with("model name") && colon != std::string::npos && colon + 2 < line.size())
            return line.substr(colon + 2);
    }
    return "unknown";
}

static std::uint32_t ticks_per_second() {
    timespec resolution{};
    if (clock_getres(CLOCK_MONOTONIC_COARSE, &resolution) != 0 || resolution.tv_sec != 0 || resolution.tv_nsec <= 0)
        return 0;
    return static_cast<std::uint32_t>(std::lround(1e9 / static_cast<double>(resolution.tv_nsec)));
}

MachineDescription describe_machine() {
    utsname system{};
    uname(&system);
    // "6.18.44-fc-v657": what follows the numbers is the distributor's.
    const std::string release = system.release;
    return {cpu_model(), fmt::format("{} {}", system.sysname, release.substr(0, release.find('-'))),
            static_cast<std::uint32_t>(allowed_cpus().size()), ticks_per_second()};
}

std::optional<Bytes> kernel_figure(const std::string& file, std::string_view key) {
    std::ifstream stream(file);
    for (std::string line; std::getline(stream, line);) {
        if (!line.starts_with(key) || line.size() <= key.size() || line[key.size()] != ':') continue;
        return Bytes{std::stoll(line.substr(key.size() + 1)) * 1024};
    }
    return std::nullopt;
}

std::string utc_now() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))); }

std::uint32_t online_processors() { return static_cast<std::uint32_t>(std::max(sysconf(_SC_NPROCESSORS_ONLN), 1L)); }

} // namespace switchyard::native
