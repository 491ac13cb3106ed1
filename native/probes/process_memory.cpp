// What a forked process that has done nothing yet takes: pages of its own in user space; page tables and kernel stack.
#include "models/fit/statistics.hpp"
#include "native/machine/machine.hpp"
#include "native/measurement/child.hpp"
#include "native/probes/partner.hpp"
#include "native/probes/primitives.hpp"

#include <atomic>
#include <csignal>
#include <fmt/format.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

namespace switchyard::native {

namespace {

constexpr int many = 200;

// Forked processes that exist and do nothing; killed and reaped at the end.
class IdleProcesses {
public:
    IdleProcesses() {
        const pid_t parent = getpid();
        const Shared<std::atomic<int>> ready;
        for (int i = 0; i < many; ++i) {
            const pid_t child = fork();
            if (child == 0) {
                die_with_parent(parent);
                ready->fetch_add(1);
                for (;;) pause();
            }
            if (child > 0) children_.push_back(child);
        }
        while (ready->load() < static_cast<int>(children_.size())) sched_yield();
    }
    IdleProcesses(const IdleProcesses&) = delete;
    IdleProcesses& operator=(const IdleProcesses&) = delete;
    ~IdleProcesses() {
        for (const pid_t child : children_) kill(child, SIGKILL);
        for (const pid_t child : children_) waitpid(child, nullptr, 0);
    }
    [[nodiscard]] const std::vector<pid_t>& children() const { return children_; }

    // The median of a figure of each one's file below /proc/PID, in bytes.
    [[nodiscard]] double typical(std::string_view file, std::string_view key) const {
        std::vector<double> values;
        for (const pid_t child : children_)
            if (const auto value = kernel_figure(fmt::format("/proc/{}/{}", child, file), key))
                values.push_back(static_cast<double>(value->count));
        return values.empty() ? 0 : median(values);
    }

private:
    std::vector<pid_t> children_;
};

} // namespace

std::vector<Sample> measure_process_resident(const ProbeRun&) {
    const IdleProcesses processes;
    return {{processes.typical("smaps_rollup", "Private_Dirty"), 0, 0}};
}

// Page tables are counted by process; kernel stacks only for the whole machine.
std::vector<Sample> measure_process_kernel(const ProbeRun&) {
    const std::optional<Bytes> before = kernel_figure("/proc/meminfo", "KernelStack");
    const IdleProcesses processes;
    const std::optional<Bytes> after = kernel_figure("/proc/meminfo", "KernelStack");
    if (!before || !after || processes.children().empty()) return {};
    const double stack =
        static_cast<double>((*after - *before).count) / static_cast<double>(processes.children().size());
    return {{stack + processes.typical("status", "VmPTE"), 0, 0}};
}

} // namespace switchyard::native
