// Who uses the processors.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

namespace switchyard::native {

// What every process that may be seen had used at one instant (/proc/PID/stat, proc(5)): to a hundredth of a second.
struct ProcessTimes {
    struct One {
        std::string name;
        double seconds = 0;
    };
    std::map<pid_t, One> processes;
    std::chrono::steady_clock::time_point time;
};
[[nodiscard]] ProcessTimes read_process_times();

// A process and the share of one processor's time that it had.
struct BusyProcess {
    pid_t process = 0;
    std::string name;
    double share = 0;
};

// The busiest processes between two readings but this one, the busiest first, at most so many. Processes that began or
// ended meanwhile count from or up to then, so short ones hardly.
[[nodiscard]] std::vector<BusyProcess> busiest_processes(const ProcessTimes& before, const ProcessTimes& after,
                                                         std::size_t most);

} // namespace switchyard::native
