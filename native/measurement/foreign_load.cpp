#include "native/measurement/foreign_load.hpp"

#include "models/errors.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

namespace switchyard::native {

static double seconds_of(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

static double used_by(int who) {
    rusage usage{};
    getrusage(who, &usage);
    return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

// A line of /proc/stat: "cpu0 user nice system idle iowait irq softirq steal ..." (proc(5)).
static double busy_jiffies(std::istringstream& fields) {
    double user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0;
    fields >> user >> nice >> system >> idle >> iowait >> irq >> softirq >> steal;
    return user + nice + system + irq + softirq + steal;
}

LoadReading read_load(std::span<const int> cpus) {
    LoadReading reading;
    reading.cpus = cpus.size();
    std::ifstream file("/proc/stat");
    if (!file) throw SystemError::from_errno("reading /proc/stat", errno);
    std::string line;
    while (std::getline(file, line) && line.starts_with("cpu")) {
        std::istringstream fields(line);
        std::string name;
        fields >> name;
        const bool wanted =
            std::any_of(cpus.begin(), cpus.end(), [&](int cpu) { return name == "cpu" + std::to_string(cpu); });
        if (wanted) reading.busy_seconds += busy_jiffies(fields) / static_cast<double>(sysconf(_SC_CLK_TCK));
    }
    reading.own_seconds = used_by(RUSAGE_SELF) + used_by(RUSAGE_CHILDREN);
    reading.time = std::chrono::steady_clock::now();
    return reading;
}

double foreign_load(const LoadReading& before, const LoadReading& after) {
    const double elapsed = std::chrono::duration<double>(after.time - before.time).count();
    const double capacity = elapsed * static_cast<double>(after.cpus);
    if (capacity <= 0) return 0;
    const double foreign = (after.busy_seconds - before.busy_seconds) - (after.own_seconds - before.own_seconds);
    return std::clamp(foreign / capacity, 0.0, 1.0);
}

} // namespace switchyard::native
