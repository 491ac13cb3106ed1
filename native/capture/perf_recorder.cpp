#include "native/capture/perf_recorder.hpp"

#include "models/errors.hpp"
#include "native/capture/read_to_end.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <string_view>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace switchyard::native {

namespace {

// Where the files of perf are in it: nothing else of this program's is open there.
constexpr int recording_place = 3, control_place = 4, answers_place = 5;
constexpr int safe_place = 16;

struct Pipe {
    int read_end = -1;
    int write_end = -1;
};

Pipe make_pipe() {
    std::array<int, 2> ends;
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw SystemError::from_errno("opening a pipe", errno);
    return {ends[0], ends[1]};
}

void close_all(std::initializer_list<int*> files) {
    for (int* const file : files)
        if (*file >= 0) close(std::exchange(*file, -1));
}

struct Redirection {
    int file;
    int place;
};

// Starts perf in a session of its own (the terminal's interrupt is this program's affair), to end with this program.
pid_t start(const std::vector<std::string>& arguments, std::initializer_list<Redirection> files) {
    std::vector<char*> words;
    for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    const pid_t self = getpid();
    const pid_t child = fork();
    if (child != 0) return child;
    setsid();
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != self) _exit(127);
    std::array<int, 8> moved{};
    std::size_t count = 0; // out of each other's way first
    for (const Redirection& each : files) moved[count++] = fcntl(each.file, F_DUPFD_CLOEXEC, safe_place);
    count = 0;
    for (const Redirection& each : files)
        if (dup2(moved[count++], each.place) < 0) _exit(127);
    execvp(words[0], words.data());
    const std::string error = fmt::format("starting perf: {}\n", std::strerror(errno));
    static_cast<void>(!write(STDERR_FILENO, error.data(), error.size()));
    _exit(127);
}

int wait_for(pid_t process) {
    int status = 0;
    while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

// What perf complains of: the line behind "Error:", where there is one, else the first that says something.
std::string complaint_in(std::string_view text) {
    constexpr std::string_view heading = "Error:";
    if (const std::size_t error = text.find(heading); error != std::string_view::npos)
        text.remove_prefix(error + heading.size());
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return {};
    return std::string(text.substr(begin, text.find_first_of("\r\n", begin) - begin));
}

} // namespace

PerfRecorder::PerfRecorder(CapturedEvents events) {
    std::string list = "sched:sched_switch,sched:sched_wakeup,sched:sched_wakeup_new,sched:sched_migrate_task";
    if (events == CapturedEvents::of_programs)
        list += ",sched:sched_waking,sched:sched_process_fork,sched:sched_process_exit";
    recording_ = memfd_create("switchyard-perf", MFD_CLOEXEC);
    if (recording_ < 0) throw SystemError::from_errno("making a file for what perf records", errno);
    Pipe control = make_pipe(), answers = make_pipe(), complaints = make_pipe();
    const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    perf_ = start({"perf", "record", "--quiet", "--all-cpus", "--no-buildid", "--no-buildid-cache",
                   "--clockid=CLOCK_MONOTONIC", "--mmap-pages=4096", "--event=" + list, "--delay=-1",
                   fmt::format("--control=fd:{},{}", control_place, answers_place),
                   fmt::format("--output=/proc/self/fd/{}", recording_place)},
                  {{nothing, STDIN_FILENO},
                   {nothing, STDOUT_FILENO},
                   {complaints.write_end, STDERR_FILENO},
                   {recording_, recording_place},
                   {control.read_end, control_place},
                   {answers.write_end, answers_place}});
    const int error = errno;
    int devices = nothing;
    close_all({&devices, &control.read_end, &answers.write_end, &complaints.write_end});
    control_ = control.write_end;
    answers_ = answers.read_end;
    complaints_ = complaints.read_end;
    if (perf_ < 0) {
        unavailable_ = fmt::format("starting perf: {}", std::strerror(error));
    } else if (!tell("enable\n")) {
        unavailable_ = complaint_in(end());
        if (unavailable_.empty()) unavailable_ = "perf record ended";
    }
}

PerfRecorder::~PerfRecorder() {
    static_cast<void>(end());
    close_all({&recording_, &control_, &answers_, &complaints_});
}

bool PerfRecorder::tell(const char* word) {
    struct sigaction ignored {
    }, before{}; // perf may be gone
    ignored.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ignored, &before);
    const std::size_t length = std::strlen(word);
    const bool written = write(control_, word, length) == static_cast<ssize_t>(length);
    sigaction(SIGPIPE, &before, nullptr);
    std::array<char, 16> answer{};
    ssize_t count = -1;
    while (written && (count = read(answers_, answer.data(), answer.size())) < 0 && errno == EINTR) {
    }
    return written && count >= 3 && std::string_view(answer.data(), 3) == "ack";
}

std::string PerfRecorder::end() {
    if (perf_ < 0) return {};
    kill(perf_, SIGINT); // perf record writes what it has, and ends
    const std::string complaint = read_to_end(complaints_);
    wait_for(std::exchange(perf_, -1));
    return complaint;
}

CapturedText PerfRecorder::stop() {
    CapturedText result;
    result.error = unavailable_;
    if (perf_ < 0) return result;
    const bool ended = tell("disable\n");
    const std::string complaint = end();
    if (!ended) {
        result.error = fmt::format("perf record ended early: {}", complaint_in(complaint));
        return result;
    }
    Pipe output = make_pipe();
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    const pid_t script =
        start({"perf", "script", "--ns", "--show-lost-events", "--fields=comm,pid,tid,cpu,time,event,trace",
               fmt::format("--input=/proc/self/fd/{}", recording_place)},
              {{nothing, STDIN_FILENO},
               {output.write_end, STDOUT_FILENO},
               {nothing, STDERR_FILENO},
               {recording_, recording_place}});
    close_all({&nothing, &output.write_end});
    if (script > 0) result.text = read_to_end(output.read_end);
    close_all({&output.read_end});
    if (script < 0 || wait_for(script) != 0) result.error = "perf script could not read what perf record had recorded";
    return result;
}

} // namespace switchyard::native
