#include "native/execute/execute.hpp"

#include "native/capture/tracer.hpp"
#include "native/execute/captured.hpp"
#include "native/execute/caretaker.hpp"
#include "native/execute/groups.hpp"
#include "native/execute/huge_page_reserve.hpp"
#include "native/execute/memory_groups.hpp"
#include "native/execute/memory_outcome.hpp"
#include "native/execute/outcome.hpp"
#include "native/execute/scheduling_notes.hpp"
#include "native/execute/shared_memory.hpp"
#include "native/execute/standstill.hpp"
#include "native/measurement/blocked_signals.hpp"
#include "native/measurement/child.hpp"
#include "native/measurement/cycles.hpp"
#include "native/measurement/isolation.hpp"
#include "native/plan/compile.hpp"
#include "native/plan/left_behind.hpp"
#include "native/runner/children.hpp"
#include "native/runner/scheduling.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <functional>
#include <mutex>
#include <optional>
#include <spawn.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace switchyard::native {

namespace {

// Starts the runner as a program that knows nothing of this one but the two files, and waits for its end.
int run_to_end(const std::filesystem::path& runner, int plan, int state) {
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, plan, plan_file);
    posix_spawn_file_actions_adddup2(&files, state, state_file);
    posix_spawn_file_actions_addclosefrom_np(&files, executable_file);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

    std::string name = runner.string(), mode = "run", parent = std::to_string(getpid());
    const std::array<char*, 4> arguments{name.data(), mode.data(), parent.data(), nullptr};
    pid_t child = 0;
    const int error = posix_spawn(&child, name.c_str(), &files, &attributes, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    if (error != 0) throw SystemError::from_errno(fmt::format("starting '{}'", name), error);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

// What outlives processes: directories of control groups, instances of tracefs, huge pages set aside. Of starters that
// are no more and of `owner`; whether nothing of it is left.
bool remove_what_is_abandoned(pid_t owner = 0) {
    give_back_abandoned_huge_pages(owner);
    remove_abandoned_instances();
    const bool is_free_of_groups = remove_abandoned_control_groups(owner);
    return remove_abandoned_memory_groups(owner) && is_free_of_groups;
}

// A group can be removed when the last process in it is: those of a run that was killed may be on their way out yet.
void clear_up_after(pid_t starter) {
    constexpr int attempts = 1000;
    for (int attempt = 0; attempt < attempts && !remove_what_is_abandoned(starter); ++attempt)
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
}

bool needs_caretaker(const Scenario& scenario) {
    const auto needs = [](const TaskTemplate& task) {
        return task.memory_limit.count > 0 || std::ranges::any_of(task.program.memory.mappings, [](const Mapping& one) {
                   return one.page_size != base_page;
               });
    };
    return !scenario.groups.empty() || std::ranges::any_of(scenario.tasks, needs);
}

std::vector<std::byte> bytes_of(const auto& value) {
    std::vector<std::byte> bytes(sizeof value);
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
}

// The speed of the work loop where the run will take place, for want of a profile that says it.
double measure_iteration(std::span<const int> cpus, const std::stop_token& stop) {
    const ChildResult result = run_in_child(
        [&] {
            isolate(cpus.first(1));
            return bytes_of(calibrate_iteration_picoseconds(calibrate_time_stamps(), std::chrono::milliseconds{50}));
        },
        {.stop = stop});
    double picoseconds = 0;
    if (result.bytes.size() != sizeof picoseconds)
        throw SystemError(fmt::format("measuring the speed of the work loop: {}", result.message));
    std::memcpy(&picoseconds, result.bytes.data(), sizeof picoseconds);
    return picoseconds;
}

// What became of the runner, which reported nothing itself.
std::string why_ended(const ChildResult& result) {
    int status = 0;
    if (result.bytes.size() != sizeof status) return result.message;
    std::memcpy(&status, result.bytes.data(), sizeof status);
    if (WIFSIGNALED(status)) return fmt::format("the runner was killed ({})", strsignal(WTERMSIG(status)));
    return fmt::format("the runner exited with status {}", WEXITSTATUS(status));
}

std::chrono::milliseconds time_limit_of(const ExecuteOptions& options) {
    if (options.time_limit) return *options.time_limit;
    const Duration ideal = options.ideal_makespan.value_or(Duration{});
    return std::chrono::minutes{1} + std::chrono::duration_cast<std::chrono::milliseconds>(checked_multiply(ideal, 5));
}

// Looks after a run: asks it to stop when the caller does, or when it has come to a standstill.
class Watch {
public:
    Watch(const PlanView& plan, const SharedState& state, const std::stop_token& caller)
        : on_caller_(caller, [this] { end_.request_stop(); }),
          looks_([this, &plan, &state](const std::stop_token& over) { look(plan, state, over); }) {
        blocked_.reset();
    }
    ~Watch() { blocked_.emplace(); }

    [[nodiscard]] std::stop_token token() const { return end_.get_token(); }
    [[nodiscard]] bool stands_still() const { return stands_still_; }

private:
    void look(const PlanView& plan, const SharedState& state, const std::stop_token& over) {
        StandstillWatch watch;
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any nobody_signals;
        while (!nobody_signals.wait_for(lock, over, std::chrono::milliseconds{250}, [] { return false; })) {
            if (over.stop_requested()) return;
            if (!watch.look(waits_of(plan, state))) continue;
            stands_still_ = true;
            end_.request_stop();
            return;
        }
    }

    std::optional<BlockedSignals> blocked_{std::in_place}; // the thread inherits that, and registering has it
    std::stop_source end_;
    std::atomic<bool> stands_still_{false};
    std::stop_callback<std::function<void()>> on_caller_;
    std::jthread looks_; // last: it uses all the others
};

} // namespace

std::vector<int> cpus_for(std::uint32_t cores) {
    const std::vector<int> allowed = allowed_cpus();
    if (cores > allowed.size())
        throw InputError(fmt::format("{} cores are wanted, but this program may use {} on this machine: lower "
                                     "'machine: {{cores: ...}}' or only simulate",
                                     cores, allowed.size()));
    const auto first = allowed.begin() + (cores < allowed.size() ? 1 : 0);
    return {first, first + cores};
}

std::filesystem::path find_runner(const std::filesystem::path& wanted) {
    const auto is_executable = [](const std::filesystem::path& path) { return access(path.c_str(), X_OK) == 0; };
    constexpr const char* name = "switchyard-runner";
    if (!wanted.empty()) {
        if (is_executable(wanted)) return wanted;
        throw SystemError(fmt::format("the native runner '{}' cannot be executed", wanted.string()));
    }
    if (const char* const named = std::getenv("SWITCHYARD_RUNNER"); named != nullptr && *named != '\0') {
        if (is_executable(named)) return named;
        throw SystemError(fmt::format("SWITCHYARD_RUNNER names '{}', which cannot be executed", named));
    }
    std::error_code error;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
    const std::filesystem::path beside = program.parent_path() / name;
    if (!error && is_executable(beside)) return beside;
    throw SystemError(
        fmt::format("the native runner '{}' is not there: build the target '{}', or set SWITCHYARD_RUNNER "
                    "to where it is",
                    beside.string(), name));
}

Report execute(const Scenario& scenario, const ExecuteOptions& options) {
    const std::vector<int> cpus = options.cpus.empty() ? cpus_for(scenario.machine.cores) : options.cpus;
    if (cpus.size() != scenario.machine.cores)
        throw InputError(
            fmt::format("{} processors are given for {} cores: name one a core", cpus.size(), scenario.machine.cores));
    const std::filesystem::path runner = find_runner(options.runner);
    const double iteration =
        options.iteration_picoseconds > 0 ? options.iteration_picoseconds : measure_iteration(cpus, options.stop);

    remove_what_is_abandoned();
    std::optional<Recording> recording; // its helper is forked before there is another thread
    if (options.capture) recording.emplace(options.events);
    const bool counts = recording && recording->source() == EventSource::counters;
    const Plan plan = compile(scenario, {iteration, cpus, options.start_delay, options.capture, counts});
    const PlanView view = view_plan(plan);
    const std::vector<std::byte> encoded = encode(plan);
    constexpr int least_file = executable_file + 1; // out of the way of those the runner expects
    const SharedMemory plan_memory("switchyard-plan", encoded.size(), least_file);
    std::memcpy(plan_memory.memory(), encoded.data(), encoded.size());
    const SharedMemory state_memory("switchyard-state", size_of_state(view), least_file);
    const SharedState state = view_state(state_memory.memory(), view);

    std::optional<Caretaker> caretaker;
    if (needs_caretaker(scenario)) caretaker.emplace([starter = getpid()] { clear_up_after(starter); });
    const ControlGroups groups(scenario);
    write_text(state.header->group_directory, groups.directory().c_str());
    const HugePageReserve huge_pages(scenario);
    const MemoryGroups memory_groups(scenario, view);
    write_text(state.header->memory_directory, memory_groups.directory().c_str());
    const auto remove_queues = [&state] {
        if (state.header->own_ipc == 0) remove_system_v_queues(state);
    };
    const Watch watch(view, state, options.stop);
    const ChildResult result =
        run_in_child([&] { return bytes_of(run_to_end(runner, plan_memory.file(), state_memory.file())); },
                     {.time_limit = time_limit_of(options),
                      .stop = watch.token(),
                      .urgent = has_real_time(view),
                      .afterwards = remove_queues});
    remove_queues(); // somebody may have killed the keeper

    Report report;
    report.scenario = scenario.name;
    report.executor = "native";
    report.scheduling = kernel_policies(scenario);
    report.seed = scenario.seed;
    report.cores = scenario.machine.cores;
    report.notes = groups.notes();
    if (state.header->failed.load() != 0) throw SystemError(state.header->failure.data());
    if (watch.stands_still() || result.ending == ChildEnding::timed_out) {
        report_unfinished(report, scenario, view, state);
        report_memory(report, scenario, view, state, memory_groups.kills());
        if (report.outcome != Outcome::deadlocked)
            report.diagnosis = fmt::format("the run {}: {}", result.message, report.diagnosis);
        return report;
    }
    if (result.ending == ChildEnding::stopped) throw SystemError("the native run was stopped");
    if (state.header->complete.load() == 0)
        throw SystemError(fmt::format("the native run ended before it was complete: {}", why_ended(result)));
    note_scheduling(report, scenario, view, state);
    report_run(report, scenario, view, state, iteration, options.ideal_makespan);
    report_memory(report, scenario, view, state, memory_groups.kills());
    if (counts) {
        report_counted(report, view, state, recording->unavailable());
    } else if (recording) {
        Trace trace = report_captured(report, scenario, view, state, recording->stop());
        if (options.trace != nullptr) *options.trace = std::move(trace);
    }
    return report;
}

} // namespace switchyard::native
