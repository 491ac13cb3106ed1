// What the tests of native runs share: running a scenario, and looking for what might be left of it.
#pragma once

#include "native/execute/execute.hpp"

#include <chrono>
#include <filesystem>
#include <set>
#include <string_view>
#include <sys/types.h>
#include <thread>

namespace switchyard::native {

// Runs it with the runner of this build.
Report run_natively(const Scenario& scenario, ExecuteOptions options = {});

const TaskReport& task_of(const Report& report, std::string_view name);

// Processes that descend from the calling one, zombies included.
std::set<pid_t> descendants();

// The runner under a name of its own, by which everything of its runs can be found, whoever they descend from.
class NamedRunner {
public:
    NamedRunner();
    ~NamedRunner();
    NamedRunner(const NamedRunner&) = delete;
    NamedRunner& operator=(const NamedRunner&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    // Those of its processes that are there, in order of their ids.
    [[nodiscard]] std::set<pid_t> processes() const;

private:
    std::filesystem::path path_;
};

pid_t parent_of(pid_t process);

// Waits until the condition is true, up to ten seconds; whether it became so.
template <class Condition>
bool soon(Condition condition) {
    for (int attempt = 0; attempt < 1000; ++attempt) {
        if (condition()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    return condition();
}

} // namespace switchyard::native
