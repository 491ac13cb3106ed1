#include "native/runner/devices.hpp"

#include "models/errors.hpp"
#include "native/runner/clock.hpp"
#include "native/runner/device_wait.hpp"
#include "native/runner/reactor.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <functional>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace switchyard::native {

DeviceWait::~DeviceWait() {
    if (timer >= 0) close(timer);
    if (epoll >= 0) close(epoll);
}

void make_devices(const Run& run) {
    if (run.plan.devices.empty()) return;
    run.state.header->has_completion_ring = CompletionRing::is_available() ? 1 : 0;
    for (DeviceState& device : run.state.devices) {
        pthread_mutexattr_t attributes;
        pthread_mutexattr_init(&attributes);
        pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
        pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST); // whoever has it may be killed
        const int error = pthread_mutex_init(&device.mutex, &attributes);
        pthread_mutexattr_destroy(&attributes);
        if (error != 0) throw SystemError::from_errno("making the lock of a device", error);
    }
    rlimit descriptors{}; // each task has some of its own
    if (getrlimit(RLIMIT_NOFILE, &descriptors) != 0 || descriptors.rlim_cur == descriptors.rlim_max) return;
    descriptors.rlim_cur = descriptors.rlim_max;
    setrlimit(RLIMIT_NOFILE, &descriptors);
}

namespace {

// --- The device --------------------------------------------------------------------------------------------------

class DeviceLock {
public:
    DeviceLock(const Run& run, DeviceState& device) : mutex_(device.mutex) {
        int error = pthread_mutex_lock(&mutex_);
        if (error == EOWNERDEAD) error = pthread_mutex_consistent(&mutex_);
        if (error != 0) fail(run, "locking a device", error);
    }
    ~DeviceLock() { pthread_mutex_unlock(&mutex_); }
    DeviceLock(const DeviceLock&) = delete;
    DeviceLock& operator=(const DeviceLock&) = delete;

private:
    pthread_mutex_t& mutex_;
};

struct Answer {
    bool is_taken = false;
    std::int64_t instant = 0; // when it is done; of one that is not taken: when there may be room
};

constexpr std::greater<> soonest_first;

// Asks for an operation of so many ns. A device that has no room refuses it, unless it `may_wait` in the kernel.
Answer ask(const Run& run, std::uint32_t index, std::int64_t service, bool may_wait) {
    const PlanDevice& planned = run.plan.devices[index];
    DeviceState& device = run.state.devices[index];
    const std::span free_at = run.state.device_instants.subspan(planned.first_instant, planned.servers);
    const std::span ends = run.state.device_instants.subspan(planned.first_instant + planned.servers, planned.asking);
    const DeviceLock lock(run, device);
    const std::int64_t now = monotonic_nanoseconds();
    if (planned.depth > 0) {
        const auto first = ends.begin();
        for (; device.not_done > 0 && ends.front() <= now; --device.not_done)
            std::pop_heap(first, first + static_cast<std::ptrdiff_t>(device.not_done), soonest_first);
        if (!may_wait && device.not_done >= planned.depth) return {false, ends.front()};
    }
    std::pop_heap(free_at.begin(), free_at.end(), soonest_first);
    const std::int64_t done_at = std::max(now, free_at.back()) + service;
    free_at.back() = done_at;
    std::push_heap(free_at.begin(), free_at.end(), soonest_first);
    if (planned.depth > 0 && device.not_done < ends.size()) {
        ends[device.not_done++] = done_at;
        std::push_heap(ends.begin(), ends.begin() + static_cast<std::ptrdiff_t>(device.not_done), soonest_first);
    }
    return {true, done_at};
}

// --- Waiting -----------------------------------------------------------------------------------------------------

const Run& run_of(const Task& task) { return *task.thread->run; }

// The style in which the kernel lets it wait.
WaitStyle possible_style(const Run& run, WaitStyle style) {
    return style == WaitStyle::completion && run.state.header->has_completion_ring == 0 ? WaitStyle::readiness : style;
}

DeviceWait& wait_of(Task& task) {
    if (!task.device_wait) task.device_wait = std::make_shared<DeviceWait>();
    return *task.device_wait;
}

void need_timer(const Task& task, DeviceWait& wait, bool blocks) {
    if (wait.timer < 0) {
        wait.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | (blocks ? 0 : TFD_NONBLOCK));
        if (wait.timer < 0) fail(run_of(task), "making a timer that stands for a device", errno);
        wait.timer_blocks = blocks;
    }
    if (wait.timer_blocks == blocks) return;
    if (fcntl(wait.timer, F_SETFL, blocks ? 0 : O_NONBLOCK) != 0) fail(run_of(task), "setting up a timer", errno);
    wait.timer_blocks = blocks;
}

// An event loop has an epoll instance of its own.
void need_epoll(const Task& task, DeviceWait& wait) {
    if (is_carried(task.kind) || wait.epoll >= 0) return;
    wait.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (wait.epoll < 0) fail(run_of(task), "making an epoll instance", errno);
    epoll_event nothing_yet{};
    if (epoll_ctl(wait.epoll, EPOLL_CTL_ADD, wait.timer, &nothing_yet) != 0)
        fail(run_of(task), "telling epoll of a timer", errno);
}

void need_ring(const Task& task, DeviceWait& wait) {
    if (!is_carried(task.kind) && !wait.ring) wait.ring = std::make_unique<CompletionRing>(run_of(task));
}

void set_timer(const Task& task, const DeviceWait& wait, std::int64_t instant) {
    itimerspec setting{};
    setting.it_value = {instant / 1'000'000'000, instant % 1'000'000'000};
    if (timerfd_settime(wait.timer, TFD_TIMER_ABSTIME, &setting, nullptr) != 0)
        fail(run_of(task), "setting a timer", errno);
}

// Whether it is time; by a timer that blocks, always.
bool fetch(const Task& task, const DeviceWait& wait) {
    std::uint64_t times = 0;
    for (;;) {
        if (read(wait.timer, &times, sizeof(times)) > 0) return true;
        if (errno == EAGAIN) return false;
        if (errno != EINTR) fail(run_of(task), "reading a timer", errno);
    }
}

std::int64_t thread_cpu_nanoseconds() {
    timespec used{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return used.tv_sec * 1'000'000'000 + used.tv_nsec;
}

// Until its timer is due, in a call that blocks the thread.
void wait_in_epoll(const Task& task, const DeviceWait& wait) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLONESHOT;
    if (epoll_ctl(wait.epoll, EPOLL_CTL_MOD, wait.timer, &event) != 0)
        fail(run_of(task), "telling epoll of a timer", errno);
    while (epoll_wait(wait.epoll, &event, 1, -1) < 0)
        if (errno != EINTR) fail(run_of(task), "waiting in epoll", errno);
}

// --- The styles --------------------------------------------------------------------------------------------------

std::optional<Pause> done(Task& task) {
    task.device_wait->stage = DeviceWait::Stage::beginning;
    ++task.record->device_operations;
    ++task.position;
    return std::nullopt;
}

std::optional<Pause> block(Task& task, DeviceWait& wait, std::uint32_t device) {
    need_timer(task, wait, true);
    const Waiting waiting(task, TaskState::sleeping);
    set_timer(task, wait, ask(run_of(task), device, wait.service, true).instant);
    static_cast<void>(fetch(task, wait));
    return done(task);
}

std::optional<Pause> poll(Task& task, DeviceWait& wait, std::uint32_t device) {
    need_timer(task, wait, false);
    const std::int64_t begin = thread_cpu_nanoseconds();
    Answer answer;
    while (!(answer = ask(run_of(task), device, wait.service, false)).is_taken) {
        static_cast<void>(fetch(task, wait)); // the call that is refused
        ++task.record->polls;
    }
    set_timer(task, wait, answer.instant);
    while (!fetch(task, wait)) ++task.record->polls;
    task.record->polling_nanoseconds += thread_cpu_nanoseconds() - begin;
    return done(task);
}

std::optional<Pause> wait_until_ready(Task& task, DeviceWait& wait, std::uint32_t device) {
    need_timer(task, wait, false);
    need_epoll(task, wait);
    for (;;) {
        if (wait.stage != DeviceWait::Stage::beginning && fetch(task, wait)) {
            if (wait.stage == DeviceWait::Stage::asked) return done(task);
            wait.stage = DeviceWait::Stage::beginning;
        }
        if (wait.stage == DeviceWait::Stage::beginning) {
            const Answer answer = ask(run_of(task), device, wait.service, false);
            wait.tells_at = answer.instant;
            set_timer(task, wait, answer.instant);
            wait.stage = answer.is_taken ? DeviceWait::Stage::asked : DeviceWait::Stage::in_line;
        }
        if (is_carried(task.kind)) {
            task.awaited_descriptor = wait.timer;
            task.awaited_events = EPOLLIN;
            task.awaited_state = TaskState::sleeping;
            task.ready_at = wait.tells_at;
            return Pause::waits_for_descriptor;
        }
        const Waiting waiting(task, TaskState::sleeping);
        wait_in_epoll(task, wait);
    }
}

std::optional<Pause> wait_for_completion(Task& task, DeviceWait& wait, std::uint32_t device) {
    need_ring(task, wait);
    if (wait.stage == DeviceWait::Stage::beginning) {
        const std::int64_t instant = ask(run_of(task), device, wait.service, true).instant;
        wait.done_at = {instant / 1'000'000'000, instant % 1'000'000'000};
        wait.stage = DeviceWait::Stage::asked;
        if (is_carried(task.kind)) {
            task.park = [](Task& parked) {
                const __kernel_timespec& done_at = parked.device_wait->done_at;
                parked.ready_at = done_at.tv_sec * 1'000'000'000 + done_at.tv_nsec;
                parked.thread->reactor->wait_in_ring_until(parked, done_at);
                return true;
            };
            task.awaited_state = TaskState::sleeping;
            return Pause::waits;
        }
        const Waiting waiting(task, TaskState::sleeping);
        wait.ring->wait_here_until(task, wait.done_at);
    }
    if (task.completion != -ETIME) fail(run_of(task), "waiting for an io_uring timeout", -task.completion);
    return done(task);
}

} // namespace

bool uses_devices(const Task& task, WaitStyle style) {
    const Run& run = run_of(task);
    const PlanProgram& program = run.plan.programs[task.instance->program];
    const auto code = run.plan.operations.subspan(program.first_operation, program.operations);
    return std::any_of(code.begin(), code.end(), [&](const PlanOperation& operation) {
        return operation.kind == OperationKind::io && possible_style(run, operation.style) == style;
    });
}

void prepare_for_devices(Task& task) {
    const bool is_told = uses_devices(task, WaitStyle::readiness);
    const bool polls = uses_devices(task, WaitStyle::polling);
    const bool blocks = uses_devices(task, WaitStyle::blocking);
    if (is_told || polls || blocks) need_timer(task, wait_of(task), blocks && !is_told && !polls);
    if (is_told) need_epoll(task, wait_of(task));
    if (uses_devices(task, WaitStyle::completion)) need_ring(task, wait_of(task));
}

std::optional<Pause> use_device(Task& task, const PlanOperation& operation) {
    DeviceWait& wait = wait_of(task);
    if (wait.stage == DeviceWait::Stage::beginning) wait.service = amount_of(task, operation);
    switch (possible_style(run_of(task), operation.style)) {
    case WaitStyle::blocking: return block(task, wait, operation.object);
    case WaitStyle::polling: return poll(task, wait, operation.object);
    case WaitStyle::readiness: return wait_until_ready(task, wait, operation.object);
    case WaitStyle::completion: return wait_for_completion(task, wait, operation.object);
    }
    __builtin_unreachable();
}

} // namespace switchyard::native
