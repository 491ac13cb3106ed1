#include "native/measurement/child.hpp"

#include "models/errors.hpp"
#include "native/measurement/blocked_signals.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <optional>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace switchyard::native {

void die_with_parent(pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(0);
}

namespace {

// What keeper and worker tell the parent besides the worker's bytes: one page all three share.
struct SharedState {
    volatile pid_t worker = 0;
    volatile bool timed_out = false;
    volatile bool all_ended = false; // nothing is left of the worker and what it started
    volatile int status = -1;        // of the worker, as waitpid gives it
};

class SharedPage {
public:
    SharedPage() {
        void* const page =
            mmap(nullptr, sizeof(SharedState), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (page == MAP_FAILED) throw SystemError::from_errno("mapping a shared page", errno);
        state_ = new (page) SharedState;
    }
    SharedPage(const SharedPage&) = delete;
    SharedPage& operator=(const SharedPage&) = delete;
    ~SharedPage() { munmap(state_, sizeof(SharedState)); }
    SharedState* operator->() { return state_; }

private:
    SharedState* state_;
};

class FileDescriptor {
public:
    explicit FileDescriptor(int number) : number_(number) {}
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    ~FileDescriptor() { shut(); }
    [[nodiscard]] int number() const { return number_; }
    void shut() {
        if (number_ >= 0) close(std::exchange(number_, -1));
    }

private:
    int number_;
};

constexpr char tag_returned = 'r';
constexpr char tag_failed = 'f';

void write_all(int file, const void* data, std::size_t size) {
    const char* next = static_cast<const char*>(data);
    while (size > 0) {
        const ssize_t written = write(file, next, size);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) _exit(1); // nobody reads any more
        next += written;
        size -= static_cast<std::size_t>(written);
    }
}

[[noreturn]] void be_worker(const std::function<std::vector<std::byte>()>& work, int file, SharedPage& shared,
                            pid_t keeper) {
    die_with_parent(keeper);
    setsid();
    shared->worker = getpid(); // before it starts anything: the keeper may be killed before it has said so
    for (int number = 1; number < NSIG; ++number)
        signal(number, SIG_DFL); // the program's handlers are not the worker's
    try {
        const std::vector<std::byte> bytes = work();
        write_all(file, &tag_returned, 1);
        write_all(file, bytes.data(), bytes.size());
    } catch (const std::exception& error) {
        write_all(file, &tag_failed, 1);
        write_all(file, error.what(), std::strlen(error.what()));
    }
    _exit(0);
}

// Kills and reaps all descendants: the worker's process group, and one by one those that left it, which as orphans have
// become children of the keeper (PR_SET_CHILD_SUBREAPER).
void end_descendants(pid_t worker) {
    for (;;) {
        kill(-worker, SIGKILL);
        std::ifstream children(fmt::format("/proc/self/task/{}/children", getpid()));
        for (pid_t child = 0; children >> child;) kill(child, SIGKILL);
        const pid_t reaped = waitpid(-1, nullptr, 0);
        if (reaped < 0 && errno == ECHILD) return;
    }
}

[[noreturn]] void be_keeper(const std::function<std::vector<std::byte>()>& work, const ChildOptions& options, int file,
                            SharedPage& shared, pid_t parent, const sigset_t& mask_of_worker) {
    setsid(); // the terminal's interrupt is the parent's affair
    sigset_t awaited;
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGCHLD);
    sigaddset(&awaited, SIGTERM);
    signal(SIGTERM, SIG_DFL); // a program may ignore what the keeper needs to hear
    signal(SIGCHLD, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) _exit(0);
    prctl(PR_SET_CHILD_SUBREAPER, 1);

    const auto deadline = std::chrono::steady_clock::now() + options.time_limit;
    const pid_t self = getpid();
    const pid_t worker = fork();
    if (worker < 0) _exit(1);
    if (worker == 0) {
        pthread_sigmask(SIG_SETMASK, &mask_of_worker, nullptr);
        be_worker(work, file, shared, self);
    }
    shared->worker = worker;
    close(file);
    if (options.urgent) {
        const sched_param above_all{sched_get_priority_max(SCHED_FIFO)};
        sched_setscheduler(0, SCHED_FIFO, &above_all);
    }

    for (;;) {
        int status = 0;
        if (waitpid(worker, &status, WNOHANG) == worker) {
            shared->status = status;
            break;
        }
        const auto left =
            std::chrono::duration_cast<std::chrono::nanoseconds>(deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0) {
            shared->timed_out = true;
            break;
        }
        const timespec wait{left.count() / 1'000'000'000, left.count() % 1'000'000'000};
        if (sigtimedwait(&awaited, nullptr, &wait) == SIGTERM) break;
    }
    end_descendants(worker);
    if (options.afterwards) options.afterwards();
    shared->all_ended = true;
    _exit(0);
}

// Reads to the end of the pipe, which comes when the last process that could write is gone. A keeper that somebody
// killed can no longer see to that, so this does.
std::vector<std::byte> read_to_end(int file, pid_t keeper, SharedPage& shared) {
    std::vector<std::byte> bytes;
    std::array<std::byte, 65536> buffer;
    FileDescriptor keeper_end(
        static_cast<int>(syscall(SYS_pidfd_open, keeper, 0))); // readable once the keeper has ended; poll ignores -1
    for (;;) {
        std::array<pollfd, 2> events{pollfd{file, POLLIN, 0}, pollfd{keeper_end.number(), POLLIN, 0}};
        if (poll(events.data(), events.size(), -1) < 0 && errno != EINTR) return bytes;
        if (events[1].revents != 0) {
            if (shared->worker > 0 && !shared->all_ended) kill(-shared->worker, SIGKILL);
            keeper_end.shut();
        }
        if (events[0].revents == 0) continue;
        const ssize_t count = read(file, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return bytes;
        bytes.insert(bytes.end(), buffer.begin(), buffer.begin() + count);
    }
}

std::string description_of(int status) {
    if (WIFSIGNALED(status)) return fmt::format("killed by {}", strsignal(WTERMSIG(status)));
    if (WIFEXITED(status)) return fmt::format("exited with status {} before it had a result", WEXITSTATUS(status));
    return "ended without a result";
}

} // namespace

ChildResult run_in_child(const std::function<std::vector<std::byte>()>& work, const ChildOptions& options) {
    SharedPage shared;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw SystemError::from_errno("opening a pipe", errno);
    FileDescriptor read_end(ends[0]);
    FileDescriptor write_end(ends[1]);

    // No signal reaches the keeper before it has decided what to do with it.
    std::optional<BlockedSignals> blocked(std::in_place);
    const pid_t self = getpid();
    const pid_t keeper = fork();
    if (keeper == 0) {
        read_end.shut();
        be_keeper(work, options, write_end.number(), shared, self, blocked->before());
    }
    const int error = errno;
    blocked.reset();
    if (keeper < 0) throw SystemError::from_errno("starting a process", error);
    write_end.shut();
    std::vector<std::byte> bytes;
    {
        blocked.emplace();
        const std::stop_callback on_stop(options.stop, [keeper] { kill(keeper, SIGTERM); });
        blocked.reset();
        bytes = read_to_end(read_end.number(), keeper, shared);
        blocked.emplace();
    }
    blocked.reset();
    while (waitpid(keeper, nullptr, 0) < 0 && errno == EINTR) {
    }

    if (options.stop.stop_requested()) return {ChildEnding::stopped, "stopped on request", {}};
    if (shared->timed_out) {
        return {ChildEnding::timed_out, fmt::format("did not end within {} ms", options.time_limit.count()), {}};
    }
    if (bytes.empty() || shared->status != 0) return {ChildEnding::died, description_of(shared->status), {}};
    const bool failed = static_cast<char>(bytes.front()) == tag_failed;
    bytes.erase(bytes.begin());
    if (!failed) return {ChildEnding::returned, {}, std::move(bytes)};
    std::string message(bytes.size(), '\0');
    std::memcpy(message.data(), bytes.data(), bytes.size());
    return {ChildEnding::failed, std::move(message), {}};
}

} // namespace switchyard::native
