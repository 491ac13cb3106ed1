#include "native/runner/conductor.hpp"

#include "models/errors.hpp"
#include "native/measurement/cycles.hpp"
#include "native/measurement/foreign_load.hpp"
#include "native/measurement/isolation.hpp"
#include "native/runner/channels.hpp"
#include "native/runner/children.hpp"
#include "native/runner/clock.hpp"
#include "native/runner/devices.hpp"
#include "native/runner/futex.hpp"
#include "native/runner/process.hpp"
#include "native/runner/scheduling.hpp"
#include "native/runner/synchronisation.hpp"
#include "native/runner/working_set.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <limits>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace switchyard::native {

namespace {

// Orphans of the run become children of this process, so that it can bury them; none of them leaves a core dump.
void prepare_for_orphans() {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
}

void open_executable() {
    const int file = open("/proc/self/exe", O_RDONLY);
    if (file < 0) throw SystemError::from_errno("opening the runner's own executable", errno);
    if (file == executable_file) return;
    if (dup2(file, executable_file) < 0) throw SystemError::from_errno("keeping the runner's executable open", errno);
    close(file);
}

// A folder of a file system that is on a device: what is mapped shall come by way of the page cache. None: empty.
std::string folder_for_files() {
    constexpr long in_memory = 0x01021994, ram = 0x858458f6L; // TMPFS_MAGIC, RAMFS_MAGIC
    const char* const wanted = std::getenv("TMPDIR");
    for (const char* const folder : {wanted, "/var/tmp", "/tmp", "."}) {
        struct statfs system {};
        if (folder == nullptr || statfs(folder, &system) != 0 || access(folder, W_OK) != 0) continue;
        if (system.f_type != in_memory && system.f_type != ram) return folder;
    }
    return {};
}

// A file without a name (O_TMPFILE, open(2)); on a file system that knows none, it has one for a moment.
int open_nameless(const std::string& folder) {
    const int file = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file >= 0) return file;
    std::string name = folder + "/switchyard-XXXXXX";
    const int named = mkostemp(name.data(), O_CLOEXEC);
    if (named >= 0) unlink(name.c_str());
    return named;
}

// One file written to the device: its pages are in the page cache and clean.
int make_file(const std::string& folder, std::int64_t size) {
    const int file = open_nameless(folder);
    if (file < 0) return file;
    const std::vector<char> block(65536, 'x');
    for (std::int64_t left = size; left > 0;) {
        const ssize_t written =
            write(file, block.data(), static_cast<std::size_t>(std::min<std::int64_t>(left, std::ssize(block))));
        if (written <= 0 && errno != EINTR) return -1;
        left -= std::max<ssize_t>(written, 0);
    }
    fdatasync(file);
    fcntl(file, F_SETFD, 0); // images have it, too
    return file;
}

bool needs_missing_ring(const Run& run) {
    return !run.plan.devices.empty() && run.state.header->has_completion_ring == 0 &&
           std::any_of(run.plan.operations.begin(), run.plan.operations.end(), [](const PlanOperation& operation) {
               return operation.kind == OperationKind::io && operation.style == WaitStyle::completion;
           });
}

void make_files(const Run& run) {
    if (run.plan.files.empty()) return;
    const std::string folder = folder_for_files();
    if (folder.empty()) throw SystemError("a file cannot be mapped: set TMPDIR to a folder that is not in memory");
    for (std::size_t i = 0; i < run.plan.files.size(); ++i) {
        const int file = make_file(folder, run.plan.files[i].size);
        if (file < 0) throw SystemError::from_errno("making a file in '" + folder + "' to be mapped", errno);
        run.state.files[i].descriptor = file;
    }
}

// Whether the kernel makes huge pages wherever they fit, unless it is told not to.
bool huge_pages_everywhere() {
    std::array<char, 64> text{};
    const int file = open("/sys/kernel/mm/transparent_hugepage/enabled", O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    const ssize_t length = read(file, text.data(), text.size() - 1);
    close(file);
    return length > 0 && std::string_view(text.data()).starts_with("[always]");
}

// The speed of the work loop right now, over the processors the run uses.
double iteration_picoseconds_over(std::span<const int> cpus, const TimeStampScale& scale) {
    double sum = 0;
    for (const int cpu : cpus) {
        pin_to(std::span(&cpu, 1));
        sum += iteration_picoseconds_now(scale, 5);
    }
    pin_to(cpus);
    return sum / static_cast<double>(cpus.size());
}

void start_processes(const Run& run) {
    const pid_t conductor = getpid();
    for (std::uint32_t process = 0; process < run.plan.processes.size(); ++process) {
        const pid_t child = fork();
        if (child < 0) throw SystemError::from_errno("forking the processes of the scenario", errno);
        if (child == 0) be_process(run, process, conductor);
    }
}

void wait_for_all_at_barrier(const Run& run) {
    StateHeader& header = *run.state.header;
    const auto everybody = static_cast<std::uint32_t>(run.plan.threads.size());
    for (std::uint32_t arrived = header.arrived.load(); arrived != everybody; arrived = header.arrived.load()) {
        const timespec now_and_then{0, 50'000'000};
        futex_wait(header.arrived, arrived, FutexScope::any_process, &now_and_then);
        if (waitpid(-1, nullptr, WNOHANG) > 0) throw SystemError("a process of the scenario ended before the start");
    }
    // The last ones are still on their way to sleep.
    std::this_thread::sleep_for(std::chrono::milliseconds{2} + std::chrono::nanoseconds{run.plan.header.start_delay});
}

// One system call makes everybody ready; in it, this thread is not preempted, and behind it only with worse priority.
void open_barrier(const Run& run, Notes& notes) {
    StateHeader& header = *run.state.header;
    const int error = take_precedence(run.plan);
    header.start_nanoseconds = monotonic_nanoseconds();
    header.start = time_stamp();
    header.open.store(1, std::memory_order_release);
    futex_wake(header.open, std::numeric_limits<int>::max(), FutexScope::any_process);
    // They have begun where the plan wants them; from here on they go where the kernel does.
    for (std::size_t i = 0; i < run.plan.threads.size(); ++i)
        if (run.plan.threads[i].home != no_index)
            bind_to(run, run.state.threads[i].thread_id, cpus_of(run.plan, run.plan.threads[i]));
    if (error != 0)
        notes.push_back(
            std::string("who opens the barrier had no real-time priority, so that tasks may have begun before "
                        "it had woken all: ") +
            std::strerror(error));
}

void bury_everybody() {
    while (waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {
    }
}

void keep_notes(StateHeader& header, const Notes& notes) {
    std::string lines;
    for (const std::string& note : notes) lines += note + "\n";
    write_text(header.notes, lines.c_str());
}

} // namespace

void conduct(const Run& run) {
    StateHeader& header = *run.state.header;
    prepare_for_orphans();
    open_executable();
    Notes notes;
    const auto add = [&notes](const Notes& more) { notes.insert(notes.end(), more.begin(), more.end()); };
    add(weigh_session());
    add(pin_to(run.plan.cpus));
    if (!time_stamps_are_steady()) notes.emplace_back("the time stamp counter does not run at one rate");
    make_channels(run, notes);
    make_files(run);
    header.huge_pages_everywhere = huge_pages_everywhere() ? 1 : 0;
    make_shared_objects(run);
    make_devices(run);
    if (needs_missing_ring(run))
        notes.emplace_back(
            "the kernel has no io_uring, or does not let us use it: 'completion' waits by epoll instead");
    header.costs = measure_work_costs(run.plan.header);
    measure_walks(run);
    const TimeStampScale scale{header.costs.nanoseconds_per_stamp};

    if (const int error = join_groups_of_run(run); error != 0)
        notes.push_back(std::string("the run could not join its control group: ") + std::strerror(error));
    start_processes(run);
    leave_channels(run);
    wait_for_all_at_barrier(run);
    header.costs.iteration_picoseconds_before = iteration_picoseconds_over(run.plan.cpus, scale);
    LoadReading before = read_load(run.plan.cpus);
    before.own_seconds += static_cast<double>(header.preparation_nanoseconds.load()) * 1e-9;
    open_barrier(run, notes);
    bury_everybody();
    remove_channels(run, notes);
    const LoadReading after = read_load(run.plan.cpus);
    header.foreign_load = foreign_load(before, after);
    header.costs.iteration_picoseconds_after = iteration_picoseconds_over(run.plan.cpus, scale);
    keep_notes(header, notes);
    header.complete.store(1, std::memory_order_release);
}

} // namespace switchyard::native
