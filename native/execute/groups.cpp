#include "native/execute/groups.hpp"

#include "models/errors.hpp"
#include "native/execute/abandoned.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <sstream>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace switchyard::native {

namespace {

constexpr std::string_view prefix = "switchyard-";

// Where the second version of the hierarchy is mounted: a line of /proc/mounts, "cgroup2 /sys/fs/cgroup cgroup2 rw 0
// 0".
std::filesystem::path find_mount() {
    std::ifstream mounts("/proc/mounts");
    for (std::string line; std::getline(mounts, line);) {
        std::istringstream fields(line);
        std::string device, place, type;
        fields >> device >> place >> type;
        if (type == "cgroup2") return place;
    }
    throw SystemError("cgroup version 2 is not mounted");
}

bool names_cpu(const std::filesystem::path& file) {
    std::ifstream controllers(file);
    for (std::string name; controllers >> name;)
        if (name == "cpu") return true;
    return false;
}

void write_text_to(const std::filesystem::path& path, const std::string& text) {
    const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    const bool written = file >= 0 && write(file, text.data(), text.size()) == std::ssize(text);
    const int error = errno;
    if (file >= 0) close(file);
    if (!written) throw SystemError::from_errno(fmt::format("writing '{}' into {}", text, path.string()), error);
}

std::int64_t microseconds(Duration duration) {
    return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

} // namespace

std::int64_t weight_of_shares(std::int64_t shares) {
    return std::clamp<std::int64_t>((shares * 100 + 512) / 1024, 1, highest_cpu_weight);
}

bool remove_abandoned_control_groups(pid_t owner, std::filesystem::path mount) {
    try {
        return remove_abandoned_groups(mount.empty() ? find_mount() : mount, prefix, owner);
    } catch (const SystemError&) {
        return true; // there is no such hierarchy
    }
}

ControlGroups::ControlGroups(const Scenario& scenario, std::filesystem::path mount) {
    if (scenario.groups.empty()) return;
    try {
        make(scenario, mount.empty() ? find_mount() : mount);
        directory_ = made_.front().string();
    } catch (const SystemError& error) {
        notes_.push_back(fmt::format("groups were not made, all tasks compete as equals: {}", error.what()));
    }
}

void ControlGroups::make(const Scenario& scenario, const std::filesystem::path& mount) {
    if (!names_cpu(mount / "cgroup.controllers"))
        throw SystemError(fmt::format("{} does not have the cpu controller: it belongs to version 1 here, or is not in "
                                      "the kernel",
                                      mount.string()));
    if (!names_cpu(mount / "cgroup.subtree_control"))
        throw SystemError(fmt::format("the cpu controller is not enabled: write '+cpu' into {}/cgroup.subtree_control",
                                      mount.string()));
    const auto make_directory = [this](const std::filesystem::path& path) {
        if (mkdir(path.c_str(), 0755) != 0) throw SystemError::from_errno("making " + path.string(), errno);
        made_.push_back(path);
    };
    const std::filesystem::path run = mount / fmt::format("{}{}", prefix, getpid());
    make_directory(run);
    write_text_to(run / "cgroup.subtree_control", "+cpu");
    std::vector<std::filesystem::path> paths;
    for (std::size_t i = 0; i < scenario.groups.size(); ++i) {
        const Group& group = scenario.groups[i];
        const std::filesystem::path path = (group.parent == no_group ? run : paths[group.parent]) / std::to_string(i);
        paths.push_back(path);
        make_directory(path);
        write_text_to(path / "cgroup.type", "threaded");
        const bool is_parent = std::ranges::any_of(
            scenario.groups, [i](const Group& other) { return other.parent != no_group && other.parent == i; });
        if (is_parent) write_text_to(path / "cgroup.subtree_control", "+cpu");
        write_text_to(path / "cpu.weight", std::to_string(weight_of_shares(group.shares)));
        if (group.quota == Duration{}) continue;
        write_text_to(path / "cpu.max", fmt::format("{} {}", microseconds(group.quota), microseconds(group.period)));
        if (group.burst > Duration{}) write_text_to(path / "cpu.max.burst", std::to_string(microseconds(group.burst)));
    }
}

ControlGroups::~ControlGroups() {
    for (auto path = made_.rbegin(); path != made_.rend(); ++path) rmdir(path->c_str());
}

} // namespace switchyard::native
