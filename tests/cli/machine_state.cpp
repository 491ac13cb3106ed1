#include "tests/cli/machine_state.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <sched.h>
#include <sstream>
#include <string_view>
#include <sys/mount.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace fs = std::filesystem;

namespace {

using State = std::set<std::string>;

std::string contents(const fs::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

void add_lines(State& state, const std::string& kind, const fs::path& path, std::size_t characters) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) state.insert(kind + ' ' + line.substr(0, characters));
}

// Names that this program gives to what it makes; tests that run meanwhile have folders with other ones.
bool is_ours(const std::string& name) {
    return std::ranges::any_of(std::array{"switchyard-fifo-", "switchyard-huge-pages-", "switchyard-queue"},
                               [&](const char* prefix) { return name.starts_with(prefix); });
}

void add_files(State& state, const fs::path& folder) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error))
        if (is_ours(entry.path().filename())) state.insert("file " + entry.path().string());
}

void add_folders(State& state, const std::string& kind, const fs::path& folder, int depth) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        if (!entry.is_directory(error) || entry.is_symlink(error)) continue;
        if (entry.path().filename().string().starts_with("switchyard-"))
            state.insert(kind + ' ' + entry.path().string());
        if (depth > 1) add_folders(state, kind, entry.path(), depth - 1);
    }
}

// POSIX queues are files of a file system that need not be mounted: it is, by a child for itself.
void add_message_queues(State& state) {
    std::array<int, 2> ends;
    if (pipe(ends.data()) != 0) return;
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) _exit(0);
        if (mount("mqueue", "/mnt", "mqueue", 0, nullptr) != 0) _exit(0);
        std::error_code error;
        for (const auto& entry : fs::directory_iterator("/mnt", error)) {
            const std::string line = entry.path().filename().string() + '\n';
            static_cast<void>(!write(ends[1], line.data(), line.size()));
        }
        _exit(0);
    }
    close(ends[1]);
    std::string text;
    for (char one = 0; read(ends[0], &one, 1) == 1;) text += one;
    close(ends[0]);
    waitpid(child, nullptr, 0);
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) state.insert("POSIX queue " + line);
}

void add_setting(State& state, const fs::path& path) {
    state.insert("setting " + path.string() + " = " + contents(path));
}

void add_settings(State& state) {
    std::error_code error;
    for (const char* const folder : {"/proc/sys/kernel", "/proc/sys/vm", "/proc/sys/fs"})
        for (const auto& entry : fs::recursive_directory_iterator(folder, error)) {
            const std::string path = entry.path();
            const bool varies = path.find("/random/") != std::string::npos || path.ends_with("ns_last_pid");
            if (!varies && entry.is_regular_file(error) && access(path.c_str(), R_OK | W_OK) == 0)
                add_setting(state, path);
        }
    for (const auto& entry : fs::directory_iterator("/sys/kernel/mm/hugepages", error))
        add_setting(state, entry.path() / "nr_hugepages");
    for (const char* const path :
         {"/sys/kernel/mm/transparent_hugepage/enabled", "/sys/kernel/tracing/tracing_on",
          "/sys/kernel/tracing/current_tracer", "/sys/kernel/tracing/buffer_size_kb", "/proc/self/autogroup"})
        add_setting(state, path);
}

// "pid (name) state parent ..." (proc(5)); the name may contain anything.
pid_t parent_of(const std::string& process) {
    const std::string status = contents("/proc/" + process + "/stat");
    const std::size_t name_end = status.rfind(')');
    return name_end == std::string::npos ? 0 : std::stoi(status.substr(name_end + 4));
}

} // namespace

State state_of_machine() {
    State state;
    for (const char* const kind : {"msg", "shm", "sem"})
        add_lines(state, kind, std::string("/proc/sysvipc/") + kind, 21); // key and number
    add_lines(state, "mount", "/proc/self/mounts", std::string::npos);
    for (const char* const folder : {"/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run"}) add_files(state, folder);
    add_folders(state, "control group", "/sys/fs/cgroup", 3);
    add_folders(state, "tracefs instance", "/sys/kernel/tracing/instances", 1);
    add_message_queues(state);
    add_settings(state);
    return state;
}

std::string additions(const State& before, const State& now) {
    std::string text;
    for (const std::string& line : now)
        if (!before.contains(line)) text += line + '\n';
    return text;
}

std::set<pid_t> descendants() {
    std::map<pid_t, pid_t> parents;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const std::string name = entry.path().filename();
        if (name.find_first_not_of("0123456789") == std::string::npos) parents[std::stoi(name)] = parent_of(name);
    }
    std::set<pid_t> found{getpid()};
    for (std::size_t before = 0; before != found.size();) {
        before = found.size();
        for (const auto& [process, parent] : parents)
            if (found.contains(parent)) found.insert(process);
    }
    found.erase(getpid());
    return found;
}

std::string command_line(pid_t process) {
    std::string text = contents("/proc/" + std::to_string(process) + "/cmdline");
    std::ranges::replace(text, '\0', ' ');
    return text;
}

bool soon(const std::function<bool()>& condition) {
    for (int attempt = 0; attempt < 2000; ++attempt) {
        if (condition()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    return condition();
}
