#include "native/execute/memory_groups.hpp"

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

constexpr std::string_view prefix = "switchyard-memory-";

bool names_memory(const std::filesystem::path& file) {
    std::ifstream controllers(file);
    for (std::string name; controllers >> name;)
        if (name == "memory") return true;
    return false;
}

bool has_option(const std::string& options, std::string_view wanted) {
    return ("," + options + ",").find("," + std::string(wanted) + ",") != std::string::npos;
}

void write_text_to(const std::filesystem::path& path, const std::string& text) {
    const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    const bool written = file >= 0 && write(file, text.data(), text.size()) == std::ssize(text);
    const int error = errno;
    if (file >= 0) close(file);
    if (!written) throw SystemError::from_errno(fmt::format("writing '{}' into {}", text, path.string()), error);
}

void make_directory(const std::filesystem::path& path) {
    if (mkdir(path.c_str(), 0755) == 0) return;
    const int error = errno;
    throw SystemError::from_errno("making " + path.string() + (error == EACCES ? " takes root" : ""), error);
}

void set_limit(const std::filesystem::path& group, bool is_first_version, std::int64_t limit, bool may_swap) {
    const std::string bytes = std::to_string(bytes_with_own(limit));
    write_text_to(group / (is_first_version ? "memory.limit_in_bytes" : "memory.max"), bytes);
    if (may_swap) return;
    // Kernels that do not count swap do not have these; then there is nothing to forbid, or it cannot be.
    const std::filesystem::path swap = group / (is_first_version ? "memory.memsw.limit_in_bytes" : "memory.swap.max");
    if (std::filesystem::exists(swap)) write_text_to(swap, is_first_version ? bytes : "0");
}

} // namespace

MemoryHierarchy find_memory_hierarchy(const std::filesystem::path& mounts_file) {
    std::ifstream mounts(mounts_file);
    std::string second;
    for (std::string line; std::getline(mounts, line);) {
        std::istringstream fields(line);
        std::string device, place, type, options;
        fields >> device >> place >> type >> options;
        if (type == "cgroup" && has_option(options, "memory")) return {place, true};
        if (type == "cgroup2") second = place;
    }
    if (second.empty()) throw SystemError("no control groups with the memory controller are mounted");
    if (!names_memory(std::filesystem::path(second) / "cgroup.controllers"))
        throw SystemError(fmt::format("{} does not have the memory controller", second));
    if (!names_memory(std::filesystem::path(second) / "cgroup.subtree_control"))
        throw SystemError(fmt::format(
            "the memory controller is not enabled: write '+memory' into {}/cgroup.subtree_control", second));
    return {second, false};
}

bool remove_abandoned_memory_groups(pid_t owner) {
    try {
        return remove_abandoned_groups(find_memory_hierarchy().mount, prefix, owner);
    } catch (const SystemError&) {
        return true; // there is no such hierarchy
    }
}

MemoryGroups::MemoryGroups(const Scenario& scenario, const PlanView& plan) {
    if (std::ranges::none_of(plan.processes, [](const PlanProcess& process) { return process.memory_limit > 0; }))
        return;
    try {
        make(scenario, plan);
    } catch (const SystemError& error) {
        remove();
        throw InputError(fmt::format("'{}' cannot run natively: it limits the memory of processes, but {}",
                                     scenario.name, error.what()),
                         {scenario.file, 0, 0});
    }
}

void MemoryGroups::make(const Scenario& scenario, const PlanView& plan) {
    hierarchy_ = find_memory_hierarchy();
    if (!hierarchy_.is_first_version && !scenario.groups.empty())
        throw SystemError("a process is in one control group only, and in those for the processor already: there is "
                          "no version 1 of the memory controller");
    const std::filesystem::path run = hierarchy_.mount / fmt::format("{}{}", prefix, getpid());
    make_directory(run);
    made_.push_back(run);
    if (!hierarchy_.is_first_version) write_text_to(run / "cgroup.subtree_control", "+memory");
    for (std::size_t process = 0; process < plan.processes.size(); ++process) {
        const std::int64_t limit = plan.processes[process].memory_limit;
        if (limit == 0) continue;
        const std::filesystem::path group = run / std::to_string(process);
        make_directory(group);
        made_.push_back(group);
        set_limit(group, hierarchy_.is_first_version, limit, scenario.machine.memory.swap.count > 0);
    }
}

std::optional<std::uint64_t> MemoryGroups::kills() const {
    if (made_.empty()) return std::nullopt;
    std::uint64_t sum = 0;
    for (auto group = made_.begin() + 1; group != made_.end(); ++group) {
        std::ifstream events(*group / (hierarchy_.is_first_version ? "memory.oom_control" : "memory.events"));
        std::optional<std::uint64_t> kills;
        std::string name;
        for (std::uint64_t value = 0; events >> name >> value;)
            if (name == "oom_kill") kills = value;
        if (!kills) return std::nullopt;
        sum += *kills;
    }
    return sum;
}

void MemoryGroups::remove() {
    for (auto path = made_.rbegin(); path != made_.rend(); ++path) rmdir(path->c_str());
    made_.clear();
}

MemoryGroups::~MemoryGroups() { remove(); }

} // namespace switchyard::native
