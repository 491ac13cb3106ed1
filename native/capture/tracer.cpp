#include "native/capture/tracer.hpp"

#include "models/errors.hpp"
#include "native/capture/read_to_end.hpp"
#include "native/measurement/dead_owner.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <poll.h>
#include <sched.h>
#include <sstream>
#include <string_view>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace switchyard::native {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "switchyard-";
constexpr char works = 'w', fails = 'f';
constexpr long buffer_kibibytes = 65'536; // of all processors together: about 900,000 events

void write_all(int file, const char* data, std::size_t size) {
    while (size > 0) {
        const ssize_t written = write(file, data, size);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return; // nobody reads any more
        data += written;
        size -= static_cast<std::size_t>(written);
    }
}

void set(const fs::path& path, const std::string& text) {
    const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC | O_TRUNC);
    const bool written = file >= 0 && write(file, text.data(), text.size()) == std::ssize(text);
    const int error = errno;
    if (file >= 0) close(file);
    if (!written) throw SystemError::from_errno(fmt::format("writing '{}' into {}", text, path.string()), error);
}

// --- Where tracefs is ---------------------------------------------------------------------------------------------

struct Tracefs {
    fs::path place; // where this user may make instances; empty: nowhere
    bool is_mounted = false;
};

Tracefs find_tracefs() {
    Tracefs found;
    std::ifstream mounts("/proc/self/mounts");
    for (std::string line; std::getline(mounts, line);) {
        std::istringstream fields(line);
        std::string device, place, type;
        fields >> device >> place >> type;
        if (type != "tracefs") continue;
        found.is_mounted = true;
        if (access((place + "/instances").c_str(), W_OK) == 0) found.place = place;
    }
    return found;
}

// For this process alone: the machine's mounts stay as they are, and this one goes with the process.
fs::path mount_for_oneself(bool is_mounted) {
    const char* const place = "/sys/kernel/tracing";
    const std::string why = is_mounted ? "it is not for this user, nor is mounting it again" : "it is not mounted";
    if (unshare(CLONE_NEWNS) != 0) throw SystemError::from_errno(why, errno);
    if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
        throw SystemError::from_errno(why + "; keeping mounts to oneself", errno);
    if (mount("tracefs", place, "tracefs", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0)
        throw SystemError::from_errno("mounting tracefs", errno);
    return place;
}

// --- The instance -------------------------------------------------------------------------------------------------

// Instances whose helper was killed. One that is in use by anybody is refused by the kernel (EBUSY).
void remove_stale(const fs::path& instances) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(instances, ignored)) {
        if (is_of_dead_process(entry.path().filename().string(), prefix)) rmdir(entry.path().c_str());
    }
}

class Instance {
public:
    Instance(const fs::path& tracefs, CapturedEvents events)
        : path_(tracefs / "instances" / (std::string(prefix) + std::to_string(getpid()))) {
        remove_stale(path_.parent_path());
        if (mkdir(path_.c_str(), 0700) != 0) throw SystemError::from_errno("making " + path_.string(), errno);
        try {
            configure(events);
        } catch (...) {
            rmdir(path_.c_str());
            throw;
        }
    }
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;
    ~Instance() {
        close(in_use_);
        rmdir(path_.c_str());
    }

    void end_recording() { set(path_ / "tracing_on", "0"); }

    // "overrun: 12", "dropped events: 0" in per_cpu/cpuN/stats.
    [[nodiscard]] std::uint64_t lost() const {
        std::uint64_t lost = 0;
        for (const auto& entry : fs::directory_iterator(path_ / "per_cpu")) {
            std::ifstream stats(entry.path() / "stats");
            for (std::string line; std::getline(stats, line);)
                for (const std::string_view name : {"overrun: ", "commit overrun: ", "dropped events: "})
                    if (line.starts_with(name)) lost += std::stoull(line.substr(name.size()));
        }
        return lost;
    }

    void copy_to(int file) const {
        const int trace = open((path_ / "trace").c_str(), O_RDONLY | O_CLOEXEC);
        if (trace < 0) return;
        std::array<char, 65536> buffer;
        for (;;) {
            const ssize_t count = read(trace, buffer.data(), buffer.size());
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) break;
            write_all(file, buffer.data(), static_cast<std::size_t>(count));
        }
        close(trace);
    }

private:
    void configure(CapturedEvents events) {
        set(path_ / "tracing_on", "0");
        set(path_ / "trace_clock", "mono");
        const long each = std::clamp(buffer_kibibytes / std::max(sysconf(_SC_NPROCESSORS_CONF), 1L), 1024L, 32768L);
        set(path_ / "buffer_size_kb", std::to_string(each));
        for (const char* event : {"sched_switch", "sched_wakeup", "sched_wakeup_new", "sched_migrate_task"})
            set(path_ / "events/sched" / event / "enable", "1");
        if (events == CapturedEvents::of_programs)
            for (const char* event : {"sched_waking", "sched_process_fork", "sched_process_exit"})
                set(path_ / "events/sched" / event / "enable", "1");
        in_use_ = open((path_ / "tracing_on").c_str(), O_RDONLY | O_CLOEXEC); // nobody else may remove it meanwhile
        set(path_ / "tracing_on", "1");
    }

    fs::path path_;
    int in_use_ = -1;
};

// --- The helper ---------------------------------------------------------------------------------------------------

// Waits until it is told to stop (true), or its parent is gone or a signal asks it to end (false).
bool wait_for_stop(int control, int signals) {
    std::array<pollfd, 2> events{pollfd{control, POLLIN, 0}, pollfd{signals, POLLIN, 0}};
    while (poll(events.data(), events.size(), -1) < 0 && errno == EINTR) {
    }
    char byte = 0;
    return events[1].revents == 0 && read(control, &byte, 1) == 1;
}

[[noreturn]] void be_helper(int control, int answers, pid_t parent, CapturedEvents events) {
    setsid(); // the terminal's interrupt is the parent's affair
    sigset_t ends;
    sigfillset(&ends);
    const int signals = signalfd(-1, &ends, SFD_CLOEXEC); // all are blocked since before the fork
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) _exit(0);
    try {
        const Tracefs tracefs = find_tracefs();
        Instance instance(tracefs.place.empty() ? mount_for_oneself(tracefs.is_mounted) : tracefs.place, events);
        write_all(answers, &works, 1);
        if (wait_for_stop(control, signals)) {
            instance.end_recording();
            const std::string lost = std::to_string(instance.lost()) + '\n';
            write_all(answers, &works, 1);
            write_all(answers, lost.data(), lost.size());
            instance.copy_to(answers);
        }
    } catch (const std::exception& error) {
        const std::string_view what = error.what();
        write_all(answers, &fails, 1);
        write_all(answers, what.data(), what.size());
    }
    _exit(0);
}

} // namespace

void remove_abandoned_instances() {
    if (const fs::path tracefs = find_tracefs().place; !tracefs.empty()) remove_stale(tracefs / "instances");
}

Tracer::Tracer(CapturedEvents events) {
    std::array<int, 2> control, answers;
    if (pipe2(control.data(), O_CLOEXEC) != 0) throw SystemError::from_errno("opening a pipe", errno);
    if (pipe2(answers.data(), O_CLOEXEC) != 0) {
        const int error = errno;
        for (const int file : control) close(file);
        throw SystemError::from_errno("opening a pipe", error);
    }
    sigset_t all, previous;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &previous);
    const pid_t self = getpid();
    helper_ = fork();
    if (helper_ == 0) {
        close(control[1]);
        close(answers[0]);
        signal(SIGPIPE, SIG_IGN);
        be_helper(control[0], answers[1], self, events);
    }
    pthread_sigmask(SIG_SETMASK, &previous, nullptr);
    close(control[0]);
    close(answers[1]);
    control_ = control[1];
    answers_ = answers[0];
    char answer = fails;
    if (helper_ > 0)
        while (read(answers_, &answer, 1) < 0 && errno == EINTR) {
        }
    if (answer == works) return;
    unavailable_ = helper_ > 0 ? read_to_end(answers_) : "no process for it could be started";
    if (unavailable_.empty()) unavailable_ = "the process for it ended";
    let_go();
}

void Tracer::let_go() {
    for (int* const file : {&control_, &answers_})
        if (*file >= 0) close(std::exchange(*file, -1));
    if (helper_ > 0)
        while (waitpid(helper_, nullptr, 0) < 0 && errno == EINTR) {
        }
    if (std::exchange(helper_, -1) > 0) remove_abandoned_instances();
}

Tracer::~Tracer() { let_go(); }

std::string Tracer::instance() const { return std::string(prefix) + std::to_string(helper_); }

CapturedText Tracer::stop() {
    CapturedText result;
    result.error = unavailable_;
    if (helper_ <= 0) return result;
    const char any = 's';
    write_all(control_, &any, 1);
    const std::string answer = read_to_end(answers_);
    let_go();
    const std::size_t line = answer.find('\n');
    if (answer.empty() || answer[0] != works || line == std::string::npos) {
        result.error = answer.size() > 1 ? answer.substr(1) : "the process that recorded was killed";
        return result;
    }
    std::from_chars(answer.data() + 1, answer.data() + line, result.lost);
    result.text = answer.substr(line + 1);
    return result;
}

} // namespace switchyard::native
