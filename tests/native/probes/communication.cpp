// The probes of messages and hand-overs, where the machine has what they measure; and what is left of them.
#include "native/measurement/child.hpp"
#include "native/measurement/isolation.hpp"
#include "native/probes/run.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <mqueue.h>
#include <netinet/in.h>
#include <sched.h>
#include <set>
#include <sstream>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#if __has_include(<linux/io_uring.h>)
#include <linux/io_uring.h>
#endif

using namespace switchyard;
using namespace switchyard::native;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view families[] = {"pipe_",    "fifo_",    "message_queue_", "system_v_queue_", "unix_",
                                         "tcp_",     "eventfd_", "signal_",        "semaphore_",      "condition_",
                                         "memory_c", "shared_m", "epoll_",         "io_uring_",       "wake_up_remote"};

bool is_of_communication(const Probe& probe) {
    return std::ranges::any_of(families, [&](std::string_view family) { return probe.name.starts_with(family); });
}

bool succeeds_in_child(bool (*attempt)()) {
    const ChildResult child = run_in_child([&] { return std::vector{std::byte{attempt()}}; });
    return child.bytes.size() == 1 && child.bytes.front() == std::byte{true};
}

bool can_have_own_queues() {
    return succeeds_in_child([] { return unshare(CLONE_NEWIPC) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWIPC) == 0; });
}

bool has_message_queues() {
    return succeeds_in_child([] {
        const std::string name = fmt::format("/switchyard-test-{}", getpid());
        mq_attr attributes{};
        attributes.mq_maxmsg = 1;
        attributes.mq_msgsize = 8192;
        if (mq_open(name.c_str(), O_CREAT | O_EXCL | O_RDWR, 0600, &attributes) < 0) return false;
        return mq_unlink(name.c_str()) == 0;
    });
}

bool has_loopback() {
    return succeeds_in_child([] {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return bind(socket(AF_INET, SOCK_STREAM, 0), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    });
}

bool has_io_uring() {
#if __has_include(<linux/io_uring.h>)
    return succeeds_in_child([] {
        io_uring_params parameters{};
        return syscall(SYS_io_uring_setup, 4, &parameters) >= 0;
    });
#else
    return false;
#endif
}

bool is_available(const Probe& probe) {
    if (probe.needs_two_processors) return allowed_cpus().size() > 1;
    if (probe.name.starts_with("message_queue")) return has_message_queues();
    if (probe.name.starts_with("system_v_queue")) return can_have_own_queues();
    if (probe.name.starts_with("tcp")) return has_loopback();
    if (probe.name.starts_with("io_uring")) return has_io_uring();
    return true;
}

ProbeRun run_of(const Probe& probe, std::int64_t amount, double budget) {
    static const TimeStampScale scale = calibrate_time_stamps();
    ProbeRun run{scale, budget, amount};
    if (probe.needs_two_processors) run.other_cpu = allowed_cpus().front();
    return run;
}

bool is_gone(pid_t process) { return kill(process, 0) != 0 && errno == ESRCH; }

std::optional<pid_t> number_after(std::string_view text, std::string_view before) {
    if (!text.starts_with(before)) return std::nullopt;
    pid_t number = 0;
    text.remove_prefix(before.size());
    if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc{}) return std::nullopt;
    return number;
}

// FIFOs whose makers have ended, by name.
std::set<std::string> orphaned_fifos() {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::temp_directory_path())) {
        const std::string name = entry.path().filename();
        if (const auto maker = number_after(name, "switchyard-fifo-"); maker && is_gone(*maker)) names.insert(name);
    }
    return names;
}

// System V's queues whose last sender has ended, by number.
std::set<std::string> orphaned_system_v_queues() {
    std::ifstream file("/proc/sysvipc/msg");
    std::set<std::string> queues;
    std::string line;
    std::getline(file, line); // key msqid perms cbytes qnum lspid ...
    while (std::getline(file, line)) {
        std::istringstream words(line);
        std::string key, queue, permissions, bytes, messages;
        pid_t sender = 0;
        words >> key >> queue >> permissions >> bytes >> messages >> sender;
        if (sender != 0 && is_gone(sender)) queues.insert(queue);
    }
    return queues;
}

// POSIX queues whose makers have ended, one a line; nothing where they cannot be listed (that takes a mount).
std::string orphaned_message_queues() {
    const ChildResult child = run_in_child([] {
        const auto at = std::filesystem::temp_directory_path();
        std::vector<std::byte> found;
        if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            mount("none", at.c_str(), "mqueue", 0, nullptr) != 0)
            return found;
        for (const auto& entry : std::filesystem::directory_iterator(at)) {
            const std::string name = entry.path().filename();
            const auto maker = number_after(name, "switchyard-");
            if (!maker || !is_gone(*maker)) continue;
            for (const char letter : name + '\n') found.push_back(static_cast<std::byte>(letter));
        }
        return found;
    });
    std::string names;
    for (const std::byte letter : child.bytes) names += static_cast<char>(letter);
    return names;
}

struct Leftovers {
    std::set<std::string> fifos = orphaned_fifos();
    std::set<std::string> system_v_queues = orphaned_system_v_queues();
    std::string message_queues = orphaned_message_queues();
    friend bool operator==(const Leftovers&, const Leftovers&) = default;
};

} // namespace

TEST_CASE("every probe of communication yields positive samples at every amount, and leaves nothing", "[probes]") {
    const Leftovers before;
    std::size_t measured = 0;
    for (const Probe& probe : probes()) {
        if (!is_of_communication(probe) || !is_available(probe)) continue;
        std::vector<std::int64_t> amounts(probe.amounts.begin(), probe.amounts.end());
        if (amounts.empty()) amounts.push_back(0);
        for (const std::int64_t amount : amounts) {
            const ProbeResult result = run_probe(probe, run_of(probe, amount, 1e6), allowed_cpus().back());
            INFO(probe.name << " at " << amount << ": " << result.failure);
            CHECK(result.failure.empty());
            CHECK(result.samples.size() >= 3);
            for (const Sample& sample : result.samples) {
                REQUIRE(std::isfinite(sample.value));
                REQUIRE(sample.value > 0);
            }
            ++measured;
        }
    }
    CHECK(measured > std::size(families));
    CHECK(Leftovers{} == before);
}

TEST_CASE("a probe of communication that is stopped leaves nothing", "[probes]") {
    const std::string_view name =
        GENERATE("fifo_alone", "message_queue_alone", "message_queue_thread", "system_v_queue_alone",
                 "system_v_queue_thread", "signal_thread", "tcp_thread");
    const Probe& probe = *probe_named(name);
    if (!is_available(probe)) return;
    const Leftovers before;
    for (const auto delay : {20ms, 60ms}) {
        CAPTURE(name, delay.count());
        std::stop_source source;
        std::jthread stopper([&] {
            std::this_thread::sleep_for(delay);
            source.request_stop();
        });
        const std::int64_t amount = probe.amounts.empty() ? 0 : probe.amounts.front();
        const ProbeResult result =
            run_probe(probe, run_of(probe, amount, 30e9), allowed_cpus().back(), source.get_token());
        CHECK(result.stopped);
        CHECK(Leftovers{} == before);
    }
}

TEST_CASE("a probe of communication whose starter is killed leaves nothing", "[probes]") {
    const std::string_view name = GENERATE("fifo_thread", "message_queue_thread", "system_v_queue_thread");
    const Probe& probe = *probe_named(name);
    if (!is_available(probe)) return;
    CAPTURE(name);
    const Leftovers before;
    const ProbeRun run = run_of(probe, 1, 30e9);
    const pid_t starter = fork();
    if (starter == 0) {
        static_cast<void>(run_probe(probe, run, allowed_cpus().back()));
        _exit(0);
    }
    REQUIRE(starter > 0);
    std::this_thread::sleep_for(100ms);
    kill(starter, SIGKILL);
    waitpid(starter, nullptr, 0);
    std::this_thread::sleep_for(100ms); // its descendants are ended by a process of their own
    CHECK(Leftovers{} == before);
}
