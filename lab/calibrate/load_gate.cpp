#include "lab/calibrate/load_gate.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <thread>

namespace switchyard::lab {

LoadOfOthers watch_load(std::span<const int> cpus, std::chrono::milliseconds window) {
    const native::ProcessTimes processes = native::read_process_times();
    const native::LoadReading before = native::read_load(cpus);
    std::this_thread::sleep_for(window);
    const double share = native::foreign_load(before, native::read_load(cpus));
    constexpr std::size_t shown = 3;
    return {share, native::busiest_processes(processes, native::read_process_times(), shown)};
}

std::string text_of(const LoadOfOthers& load, std::span<const int> cpus) {
    std::vector<std::string> who;
    for (const native::BusyProcess& process : load.who)
        who.push_back(fmt::format("{} ({}) {:.0f} % of one", process.name, process.process, process.share * 100));
    return fmt::format("other programs use {:.0f} % of processor{} {}{}", load.share * 100, cpus.size() > 1 ? "s" : "",
                       fmt::join(cpus, ", "), who.empty() ? "" : fmt::format(": {}", fmt::join(who, ", ")));
}

bool is_disturbed(const native::LoadReading& before, const native::LoadReading& after) {
    const double capacity =
        std::chrono::duration<double>(after.time - before.time).count() * static_cast<double>(after.cpus);
    return native::foreign_load(before, after) * capacity >
           native::quiet_foreign_load * capacity + load_resolution_seconds;
}

} // namespace switchyard::lab
