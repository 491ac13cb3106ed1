#include "native/probes/in_runner.hpp"

#include "models/errors.hpp"
#include "native/execute/execute.hpp"
#include "native/measurement/isolation.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace switchyard::native {

namespace {

constexpr int samples_file = 3; // of the runner: the samples as they are in memory
constexpr std::size_t arguments_of_probe = 5;

std::vector<std::byte> read_all(int file) {
    std::vector<std::byte> bytes;
    std::array<std::byte, 4096> some;
    for (ssize_t size = 0; (size = read(file, some.data(), some.size())) != 0;) {
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) break;
        bytes.insert(bytes.end(), some.begin(), some.begin() + size);
    }
    return bytes;
}

} // namespace

std::vector<Sample> measure_in_runner(const Probe& probe, const ProbeRun& run) {
    std::string program = find_runner().string();
    std::array<int, 2> pipe{};
    if (pipe2(pipe.data(), O_CLOEXEC) != 0) throw SystemError::from_errno("making a pipe", errno);
    std::array<std::string, arguments_of_probe + 1> words{
        "probe",
        std::string(probe.name),
        std::to_string(run.amount),
        fmt::format("{}", run.budget_nanoseconds),
        fmt::format("{}", run.scale.nanoseconds_per_stamp),
        std::to_string(getpid()),
    };
    std::array<char*, arguments_of_probe + 3> arguments{program.data()};
    for (std::size_t i = 0; i < words.size(); ++i) arguments[i + 1] = words[i].data();
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, pipe[1], samples_file);
    posix_spawn_file_actions_addclosefrom_np(&files, samples_file + 1);
    pid_t child = 0;
    const int error = posix_spawn(&child, program.c_str(), &files, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    close(pipe[1]);
    const std::vector<std::byte> bytes = error == 0 ? read_all(pipe[0]) : std::vector<std::byte>{};
    close(pipe[0]);
    if (error != 0) throw SystemError::from_errno(fmt::format("starting '{}'", program), error);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (status != 0) throw SystemError(fmt::format("'{}' could not run the probe {}", program, probe.name));
    std::vector<Sample> samples(bytes.size() / sizeof(Sample));
    if (!samples.empty()) std::memcpy(samples.data(), bytes.data(), samples.size() * sizeof(Sample));
    return samples;
}

void run_probe_as_runner(std::span<char* const> arguments) {
    const Probe* const probe = arguments.size() == arguments_of_probe ? probe_named(arguments[0]) : nullptr;
    if (probe == nullptr) throw SystemError("the runner is started by switchyard, not by hand");
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != std::atoi(arguments[4])) _exit(1);
    fcntl(samples_file, F_SETFD, FD_CLOEXEC);
    ProbeRun run;
    run.amount = std::atoll(arguments[1]);
    run.budget_nanoseconds = std::strtod(arguments[2], nullptr);
    run.scale.nanoseconds_per_stamp = std::strtod(arguments[3], nullptr);
    prefault_stack(32 * 1024);
    const std::vector<Sample> samples = probe->measure(run);
    const char* next = reinterpret_cast<const char*>(samples.data());
    for (std::size_t left = samples.size() * sizeof(Sample); left > 0;) {
        const ssize_t written = write(samples_file, next, left);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) throw SystemError::from_errno("telling what was sampled", errno);
        next += written;
        left -= static_cast<std::size_t>(written);
    }
}

} // namespace switchyard::native
