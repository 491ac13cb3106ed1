#include "tests/native/runner/native_run.hpp"

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <unistd.h>

namespace switchyard::native {

Report run_natively(const Scenario& scenario, ExecuteOptions options) {
    if (options.runner.empty()) options.runner = SWITCHYARD_RUNNER_FILE;
    if (!options.time_limit) options.time_limit = std::chrono::seconds{60};
    return execute(scenario, options);
}

const TaskReport& task_of(const Report& report, std::string_view name) {
    for (const TaskReport& task : report.tasks)
        if (task.name == name) return task;
    FAIL("no task is called " << name);
    throw std::logic_error("unreachable");
}

namespace {

std::set<pid_t> all_processes() {
    std::set<pid_t> processes;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const std::string name = entry.path().filename();
        if (name.find_first_not_of("0123456789") == std::string::npos) processes.insert(std::stoi(name));
    }
    return processes;
}

// Of a file of a process, which may end in the middle of it.
std::string contents(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

} // namespace

// "pid (name) state parent ..." (proc(5)); the name may contain anything.
pid_t parent_of(pid_t process) {
    const std::string status = contents("/proc/" + std::to_string(process) + "/stat");
    const std::size_t name_end = status.rfind(')');
    return name_end == std::string::npos ? 0 : std::stoi(status.substr(name_end + 4));
}

std::set<pid_t> descendants() {
    std::map<pid_t, pid_t> parents;
    for (const pid_t process : all_processes()) parents[process] = parent_of(process);
    std::set<pid_t> found{getpid()};
    for (std::size_t before = 0; before != found.size();) {
        before = found.size();
        for (const auto& [process, parent] : parents)
            if (found.contains(parent)) found.insert(process);
    }
    found.erase(getpid());
    return found;
}

NamedRunner::NamedRunner() {
    std::string folder = std::filesystem::temp_directory_path() / "switchyard-runner-XXXXXX";
    REQUIRE(mkdtemp(folder.data()) != nullptr);
    path_ = std::filesystem::path(folder) / "switchyard-runner";
    std::filesystem::create_symlink(SWITCHYARD_RUNNER_FILE, path_);
}

NamedRunner::~NamedRunner() {
    std::error_code ignored;
    std::filesystem::remove_all(path_.parent_path(), ignored);
}

std::set<pid_t> NamedRunner::processes() const {
    std::set<pid_t> found;
    for (const pid_t process : all_processes())
        if (contents("/proc/" + std::to_string(process) + "/cmdline").starts_with(path_.string()))
            found.insert(process);
    return found;
}

} // namespace switchyard::native
