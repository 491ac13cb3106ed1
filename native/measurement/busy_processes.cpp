#include "native/measurement/busy_processes.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace switchyard::native {

ProcessTimes read_process_times() {
    ProcessTimes times;
    std::error_code unreadable;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", unreadable)) {
        const std::string name = entry.path().filename().string();
        pid_t process = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), process);
        if (error != std::errc{} || *end != '\0') continue;
        std::ifstream file(entry.path() / "stat");
        std::string line;
        std::getline(file, line);
        // "PID (name with anything in it) state ppid ..."; utime and stime are fields 14 and 15.
        const std::size_t open = line.find('('), close = line.rfind(')');
        if (open == std::string::npos || close == std::string::npos) continue;
        std::istringstream fields(line.substr(close + 1));
        std::string ignored;
        for (int field = 3; field < 14; ++field) fields >> ignored;
        double user = 0, system = 0;
        if (!(fields >> user >> system)) continue;
        times.processes[process] = {line.substr(open + 1, close - open - 1),
                                    (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK))};
    }
    times.time = std::chrono::steady_clock::now();
    return times;
}

std::vector<BusyProcess> busiest_processes(const ProcessTimes& before, const ProcessTimes& after, std::size_t most) {
    const double elapsed = std::chrono::duration<double>(after.time - before.time).count();
    std::vector<BusyProcess> busy;
    for (const auto& [process, now] : after.processes) {
        const auto earlier = before.processes.find(process);
        const double used = now.seconds - (earlier == before.processes.end() ? 0 : earlier->second.seconds);
        if (process != getpid() && used > 0 && elapsed > 0) busy.push_back({process, now.name, used / elapsed});
    }
    std::ranges::sort(busy, std::ranges::greater{}, &BusyProcess::share);
    if (busy.size() > most) busy.resize(most);
    return busy;
}

} // namespace switchyard::native
