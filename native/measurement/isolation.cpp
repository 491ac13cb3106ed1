#include "native/measurement/isolation.hpp"

#include <alloca.h>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <system_error>
#include <unistd.h>

namespace switchyard::native {

static std::string reason() { return std::generic_category().message(errno); }

std::vector<int> allowed_cpus() {
    cpu_set_t set;
    CPU_ZERO(&set);
    std::vector<int> cpus;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return {0};
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
        if (CPU_ISSET(static_cast<std::size_t>(cpu), &set)) cpus.push_back(cpu);
    return cpus;
}

Notes pin_to(std::span<const int> cpus) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (const int cpu : cpus)
        if (cpu >= 0 && cpu < CPU_SETSIZE) CPU_SET(static_cast<std::size_t>(cpu), &set);
    if (sched_setaffinity(0, sizeof set, &set) == 0) return {};
    return {fmt::format("not pinned to processors {}: {}", fmt::join(cpus, ", "), reason())};
}

Notes begin_own_session() {
    if (getsid(0) == getpid() || setsid() >= 0) return {};
    return {fmt::format("no session of its own: {}", reason())};
}

Notes weigh_session(int nice) {
    const std::string text = std::to_string(nice);
    const int file = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
    if (file < 0) return {fmt::format("no autogroup weight: {}", reason())};
    const bool written = write(file, text.data(), text.size()) == std::ssize(text);
    Notes notes;
    if (!written) notes.push_back(fmt::format("session not weighed {} by autogroup: {}", nice, reason()));
    close(file);
    return notes;
}

Notes lock_memory() {
    if (mlockall(MCL_CURRENT | MCL_FUTURE) == 0) return {};
    return {fmt::format("memory not locked: {}", reason())};
}

void prefault_stack(std::size_t bytes) {
    volatile char* const stack = static_cast<volatile char*>(alloca(bytes));
    for (std::size_t offset = 0; offset < bytes; offset += 4096) stack[offset] = 0;
}

std::chrono::nanoseconds timer_slack() { return std::chrono::nanoseconds{prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0)}; }

Notes set_timer_slack(std::chrono::nanoseconds slack) {
    if (prctl(PR_SET_TIMERSLACK, static_cast<unsigned long>(slack.count()), 0, 0, 0) == 0) return {};
    return {fmt::format("timer slack not set to {} ns: {}", slack.count(), reason())};
}

Notes isolate(std::span<const int> cpus) {
    Notes notes = begin_own_session();
    for (const Notes& more : {weigh_session(), pin_to(cpus)}) notes.insert(notes.end(), more.begin(), more.end());
    return notes;
}

} // namespace switchyard::native
