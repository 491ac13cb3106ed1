#include "native/runner/children.hpp"

#include "native/runner/address_space.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <pthread.h>
#include <sched.h>
#include <string>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace switchyard::native {

namespace {

const PlanOperation& operation_of(const Task& task) { return task.code[task.position]; }

// The parent goes on behind the child's body.
void go_on(Task& task, ChildSlot child) {
    const PlanOperation& operation = operation_of(task);
    if (operation.slot != no_slot) task.children[operation.slot] = child;
    task.position = operation.target;
}

// The child's number within its family decides which of its pieces of work are timed.
std::uint32_t number_of(const Run& run, const TaskRecord& record) {
    return static_cast<std::uint32_t>(&record - run.state.tasks.data());
}

} // namespace

void end_thread(Thread& thread) {
    if (thread.process->threads.fetch_sub(1) == 1) _exit(0);
    if (!thread.is_main) return;
    for (;;) pause();
}

// --- Processes ---------------------------------------------------------------------------------------------------

void fork_child(Task& task) {
    Thread& thread = *task.thread;
    TaskRecord& record = record_of_child(task, TaskKind::process);
    const auto amounts_of_child = static_cast<std::size_t>(amount_of(task, operation_of(task)));
    const std::uint32_t draw_instance = draw_instance_of_child(task);
    thread.run->state.header->forks.fetch_add(1, std::memory_order_relaxed);
    const pid_t child = fork();
    if (child < 0) fail(*thread.run, "forking", errno);
    settle(*thread.run, thread.process->space);
    if (child > 0) return go_on(task, {ChildSlot::Kind::process, static_cast<std::uint64_t>(child)});

    thread.process->threads = 1;
    renew_interpreters(thread);
    thread.is_main = true;
    thread.baseline = {};
    thread.timer = for_child(thread.timer, number_of(*thread.run, record));
    task.kind = TaskKind::process;
    task.record = &record;
    task.children.assign(task.children.size(), {});
    task.next_amount = amounts_of_child;
    task.draw_instance = draw_instance;
    std::ranges::fill(task.sampled, 0);
    task.work = 0;
    task.release = 0;
    task.in_job = false;
    task.faults = {};
    task.device_wait.reset();               // timers are not for two
    task.own_working_set = OwnWorkingSet(); // what it goes over is its own, no copy of its parent's
    task.warm_walks.clear();
    ++task.position;
    record_thread(task);
    record_start(task);
}

namespace {

constexpr std::size_t vfork_stack_size = 256 * 1024;

int run_vforked(void* address) {
    Task& task = *static_cast<Task*>(address);
    record_thread(task);
    record_start(task);
    static_cast<void>(advance(task)); // ends in exit or exec
    _exit(0);
}

} // namespace

// vfork(3) returns twice on one stack, which an interpreter in between would trample on: the child gets its own.
void vfork_child(Task& task) {
    Thread& thread = *task.thread;
    if (thread.vfork_stack == nullptr) {
        void* const stack = mmap(nullptr, vfork_stack_size, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
        if (stack == MAP_FAILED) fail(*thread.run, "mapping a stack to vfork with", errno);
        if (thread.run->plan.header.observations > 0) // what the child writes there is not its own doing
            std::memset(stack, 0, vfork_stack_size);
        thread.vfork_stack = static_cast<std::byte*>(stack);
    }
    Thread child_thread = thread;
    child_thread.baseline = {};
    child_thread.interpreter = nullptr; // until it execs it is alone, in memory where its parent has the lock
    Task child = spawned_by(task);
    child.kind = child.record->kind = TaskKind::process;
    child.thread = &child_thread;
    thread.run->state.header->forks.fetch_add(1, std::memory_order_relaxed);
    const pid_t id =
        clone(run_vforked, thread.vfork_stack + vfork_stack_size, CLONE_VM | CLONE_VFORK | SIGCHLD, &child);
    if (id < 0) fail(*thread.run, "vforking", errno);
    go_on(task, {ChildSlot::Kind::process, static_cast<std::uint64_t>(id)});
}

// The new image is this program again, which finds the run through the files it inherits.
void exec_image(Task& task) {
    const Run& run = *task.thread->run;
    task.record->used = task.thread->baseline; // the kernel goes on counting; the image goes on from here
    task.record->work = task.work;
    std::array<std::array<char, 24>, 6> numbers;
    const auto text = [](std::array<char, 24>& place, std::size_t value) {
        std::snprintf(place.data(), place.size(), "%zu", value);
        return place.data();
    };
    std::string name = "switchyard-runner";
    std::string mode = "image";
    std::array<char*, 9> arguments{name.data(),
                                   mode.data(),
                                   text(numbers[0], number_of(run, *task.record)),
                                   text(numbers[1], task.record->instance),
                                   text(numbers[2], task.position + 1),
                                   text(numbers[3], task.next_amount),
                                   text(numbers[4], task.draw_instance),
                                   text(numbers[5], task.request),
                                   nullptr};
    restore_stack_limit();
    execveat(executable_file, "", arguments.data(), environ, AT_EMPTY_PATH);
    fail(run, "executing the runner again", errno);
}

void wait_for_process(Task& task) {
    const PlanOperation& operation = operation_of(task);
    ChildSlot any{ChildSlot::Kind::process, static_cast<std::uint64_t>(-1)};
    ChildSlot& child = operation.slot == no_slot ? any : task.children[operation.slot];
    if (child.kind == ChildSlot::Kind::process) {
        const Waiting waiting(task);
        while (waitpid(static_cast<pid_t>(child.id), nullptr, 0) < 0 && errno == EINTR) {
        }
        child = {};
    }
    ++task.position;
}

// --- Threads -----------------------------------------------------------------------------------------------------

namespace {

struct SpawnedThread {
    Thread thread;
    Task task;
};

void* run_spawned(void* address) {
    const std::unique_ptr<SpawnedThread> spawned(static_cast<SpawnedThread*>(address));
    record_thread(spawned->task);
    record_start(spawned->task);
    static_cast<void>(advance(spawned->task));
    spawned->task.record->used = used_until_end(spawned->thread);
    end_thread(spawned->thread);
    return nullptr;
}

} // namespace

void spawn_thread(Task& task) {
    const Run& run = *task.thread->run;
    auto spawned = std::make_unique<SpawnedThread>();
    spawned->task = spawned_by(task);
    spawned->thread.run = &run;
    spawned->thread.process = task.thread->process;
    spawned->thread.interpreter = task.thread->interpreter;
    spawned->thread.timer = for_child(task.thread->timer, number_of(run, *spawned->task.record));
    spawned->task.thread = &spawned->thread;
    run.state.header->threads_created.fetch_add(1, std::memory_order_relaxed);
    task.thread->process->threads.fetch_add(1);
    pthread_t id{};
    const int error = pthread_create(&id, nullptr, run_spawned, spawned.get());
    if (error != 0) fail(run, "creating a thread", error);
    static_cast<void>(spawned.release()); // the thread's own now
    go_on(task, {ChildSlot::Kind::thread, id});
}

void join_thread(Task& task) {
    ChildSlot& child = task.children[operation_of(task).slot];
    if (child.kind == ChildSlot::Kind::thread) {
        const Waiting waiting(task);
        pthread_join(child.id, nullptr);
        child = {};
    }
    ++task.position;
}

} // namespace switchyard::native
