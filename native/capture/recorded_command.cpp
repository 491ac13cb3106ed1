#include "native/capture/recorded_command.hpp"

#include "models/errors.hpp"
#include "native/machine/machine.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <string_view>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace switchyard::native {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// The command, started but not yet executed; killed where nobody lets it go on.
class HeldCommand {
public:
    explicit HeldCommand(const std::vector<std::string>& command) : name_(command.front()) {
        std::vector<char*> words;
        for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
        words.push_back(nullptr);
        std::array<int, 2> go, failure;
        if (pipe2(go.data(), O_CLOEXEC) != 0) throw SystemError::from_errno("opening a pipe", errno);
        if (pipe2(failure.data(), O_CLOEXEC) != 0) throw SystemError::from_errno("opening a pipe", errno);
        process_ = fork();
        if (process_ == 0) {
            signal(SIGINT, SIG_DFL);
            signal(SIGTERM, SIG_DFL);
            close(go[1]);
            char byte = 0;
            if (read(go[0], &byte, 1) != 1) _exit(127);
            execvp(words[0], words.data());
            const int error = errno;
            static_cast<void>(!write(failure[1], &error, sizeof error));
            _exit(127);
        }
        const int error = errno;
        close(go[0]);
        close(failure[1]);
        go_ = go[1];
        failure_ = failure[0];
        if (process_ < 0) throw SystemError::from_errno("starting the command", error);
    }
    HeldCommand(const HeldCommand&) = delete;
    HeldCommand& operator=(const HeldCommand&) = delete;
    ~HeldCommand() {
        if (go_ >= 0) close(go_); // it ends
        close(failure_);
        if (!is_over_) wait(0);
    }

    [[nodiscard]] pid_t process() const { return process_; }

    void let_go() {
        const char any = 'g';
        static_cast<void>(!write(go_, &any, 1));
        close(std::exchange(go_, -1));
        int error = 0;
        if (read(failure_, &error, sizeof error) == sizeof error)
            throw InputError(fmt::format("'{}' cannot be started: {}", name_, std::strerror(error)));
    }

    // Whether it is over, without waiting for that (WNOHANG) or waiting (0).
    bool wait(int options) {
        const pid_t ended = waitpid(process_, &status_, options);
        is_over_ = is_over_ || ended == process_ || (ended < 0 && errno == ECHILD);
        return is_over_;
    }

    [[nodiscard]] std::string end() const {
        if (WIFSIGNALED(status_)) return fmt::format("was killed by SIG{}", sigabbrev_np(WTERMSIG(status_)));
        return fmt::format("ended with status {}", WEXITSTATUS(status_));
    }

private:
    std::string name_;
    pid_t process_ = -1;
    int go_ = -1;
    int failure_ = -1;
    int status_ = 0;
    bool is_over_ = false;
};

std::string first_line_of(const char* path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

// "se.slice : 1400000" in /proc/self/sched: what a task of this system asks for at a time, in ns.
std::string own_slice() {
    std::ifstream file("/proc/self/sched");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("se.slice"))
            if (const std::size_t colon = line.find(':'); colon != std::string::npos)
                if (const std::size_t digit = line.find_first_of("0123456789", colon); digit != std::string::npos)
                    return line.substr(digit);
    return {};
}

std::string notes(const std::vector<std::string>& command, pid_t process, std::uint64_t lost) {
    std::string text;
    const auto note = [&](std::string_view key, const std::string& value) {
        if (!value.empty()) text += fmt::format("# switchyard: {} {}\n", key, value);
    };
    const MachineDescription machine = describe_machine();
    std::string line;
    for (const std::string& word : command) line += (line.empty() ? "" : " ") + word;
    for (char& c : line)
        if (static_cast<unsigned char>(c) < ' ') c = ' ';
    note("command", line);
    note("command_process", fmt::to_string(process));
    note("recorded", utc_now());
    note("kernel", machine.kernel);
    note("processors", fmt::to_string(online_processors()));
    if (machine.hz > 0) note("hz", fmt::to_string(machine.hz));
    note("base_slice_ns", own_slice());
    note("rr_slice_ms", first_line_of("/proc/sys/kernel/sched_rr_timeslice_ms"));
    if (const std::string autogroup = first_line_of("/proc/sys/kernel/sched_autogroup_enabled"); !autogroup.empty())
        note("autogroup", autogroup == "0" ? "no" : "yes");
    if (lost > 0) note("lost", fmt::to_string(lost));
    return text;
}

} // namespace

RecordedCommand record_command(const std::vector<std::string>& command, EventSource source, std::stop_token stop,
                               const std::function<void(double)>& waiting) {
    constexpr auto patience = 3s; // with a command that was asked to end
    RecordedCommand result;
    HeldCommand held(command);
    Recording recording(source, CapturedEvents::of_programs);
    if (recording.source() == EventSource::counters)
        throw SystemError(
            fmt::format("scheduling events cannot be recorded: {}; run it as root", recording.unavailable()));
    result.source = recording.source() == EventSource::tracefs ? "tracefs" : "perf";
    const auto begin = Clock::now();
    held.let_go();
    Clock::time_point asked{};
    int asks = 0;
    for (auto pause = 1ms; !held.wait(WNOHANG); pause = std::min(pause * 2, std::chrono::milliseconds{100})) {
        if (waiting) waiting(std::chrono::duration<double>(Clock::now() - begin).count());
        if (stop.stop_requested() && (asks == 0 || Clock::now() - asked > patience)) {
            constexpr std::array<int, 3> signals{SIGINT, SIGTERM, SIGKILL};
            kill(held.process(), signals[static_cast<std::size_t>(std::min(asks++, 2))]);
            asked = Clock::now();
        }
        std::this_thread::sleep_for(pause);
    }
    result.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    result.end = held.end();
    CapturedText captured = recording.stop();
    if (!captured.error.empty()) throw SystemError(fmt::format("what was recorded cannot be had: {}", captured.error));
    result.lost = captured.lost;
    result.text = notes(command, held.process(), captured.lost) + captured.text;
    return result;
}

} // namespace switchyard::native
