#include "native/runner/process.hpp"

#include "native/measurement/isolation.hpp"
#include "native/runner/carrier_group.hpp"
#include "native/runner/children.hpp"
#include "native/runner/coroutine.hpp"
#include "native/runner/devices.hpp"
#include "native/runner/fiber.hpp"
#include "native/runner/futex.hpp"
#include "native/runner/scheduling.hpp"
#include "native/runner/transfer.hpp"

#include <cerrno>
#include <csignal>
#include <limits>
#include <memory>
#include <optional>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace switchyard::native {

namespace {

// Makes the pages of an array present in this process, so that recording in it does not fault. Old kernels cannot
// (MADV_POPULATE_WRITE, 5.14): then it faults once a page.
template <class Value>
void make_present(std::span<Value> values) {
    if (values.empty()) return;
    const auto page = static_cast<std::uintptr_t>(base_page.count);
    const auto begin = reinterpret_cast<std::uintptr_t>(values.data()) / page * page;
    const auto end = reinterpret_cast<std::uintptr_t>(values.data() + values.size());
    constexpr int populate_read = 22, populate_write = 23; // linux/mman.h; glibc 2.36 does not name them everywhere
    madvise(reinterpret_cast<void*>(begin), end - begin, std::is_const_v<Value> ? populate_read : populate_write);
}

void make_records_present(const Run& run, const PlanProcess& process) {
    make_present(std::span(run.state.header, 1));
    make_present(run.state.semaphores);
    make_present(run.state.devices);
    make_present(run.state.device_instants);
    make_present(run.state.channels);
    make_present(run.state.queues);
    make_present(run.state.slots);
    make_present(run.state.requests);
    make_present(run.state.locks);
    make_present(run.state.conditions);
    make_present(run.state.barriers);
    make_present(run.state.variables);
    make_present(run.state.threads.subspan(process.first_thread, process.threads));
    for (const PlanThread& thread : run.plan.threads.subspan(process.first_thread, process.threads)) {
        make_present(run.state.tasks.subspan(thread.first_instance, thread.instances));
        make_present(run.state.samples.subspan(thread.first_sample, thread.samples));
        for (const PlanInstance& instance : run.plan.instances.subspan(thread.first_instance, thread.instances))
            make_present(run.state.jobs.subspan(instance.first_job, instance.jobs));
    }
    make_present(run.plan.operations);
    make_present(run.plan.values);
    make_present(run.plan.request_amounts);
}

// The memory a process task has touched before it starts, in ordinary pages: what a fork has to copy tables for.
void touch_resident(const Run& run, std::int64_t bytes) {
    if (bytes <= 0) return;
    const auto size = static_cast<std::size_t>(bytes);
    void* const memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) fail(run, "mapping the resident memory of a process", errno);
    madvise(memory, size, MADV_NOHUGEPAGE);
    for (std::size_t offset = 0; offset < size; offset += static_cast<std::size_t>(base_page.count))
        static_cast<volatile char*>(memory)[offset] = 1;
}

void pin_thread(const Run& run, const PlanThread& thread) {
    if (thread.home != no_index)
        bind_to(run, 0, std::span(&run.plan.cpus[thread.home], 1));
    else if (thread.cores > 0)
        bind_to(run, 0, cpus_of(run.plan, thread));
}

// Waits with all others until the run begins; what the thread used until then, this switch included, is not the run's.
void begin_at_barrier(const Run& run, const PlanThread& planned, Thread& thread) {
    StateHeader& header = *run.state.header;
    thread.baseline = kernel_figures(run);
    header.preparation_nanoseconds.fetch_add(thread.baseline.cpu_nanoseconds);
    header.arrived.fetch_add(1);
    futex_wake(header.arrived, 1, FutexScope::any_process);
    while (header.open.load(std::memory_order_acquire) == 0)
        if (futex_wait(header.open, 0u, FutexScope::any_process)) ++thread.baseline.voluntary_switches;
    // Before it has a child, which would be bound like it; those that have not run yet, the conductor lets go.
    if (planned.home != no_index) bind_to(run, 0, cpus_of(run.plan, planned));
}

// Whose code the thread executes: all it carries have one interpreter.
void execute_for(Thread& thread, std::uint32_t interpreter) {
    if (interpreter != no_index) thread.interpreter = thread.process->interpreters[interpreter].get();
}

Reactor& reactor_in_group(const Run& run, const PlanThread& planned, const Thread& thread) {
    const std::uint32_t first_thread = run.plan.processes[planned.process].first_thread;
    const auto index = static_cast<std::uint32_t>(&planned - run.plan.threads.data());
    return thread.process->carrier_groups[planned.first_carrier - first_thread]->reactor(index - planned.first_carrier);
}

template <class Context>
void run_carrier(const Run& run, const PlanThread& planned, Thread& thread, ThreadRecord& record,
                 std::span<Task> tasks) {
    const bool uses_ring = std::any_of(tasks.begin(), tasks.end(),
                                       [](const Task& task) { return uses_devices(task, WaitStyle::completion); });
    std::optional<Reactor> alone;
    Reactor& reactor = planned.carriers > 1 ? reactor_in_group(run, planned, thread) : alone.emplace(run);
    EventLoop<Context> loop(thread, record, reactor, tasks);
    if (uses_ring) static_cast<void>(reactor.ring());
    begin_at_barrier(run, planned, thread);
    loop.run(run.state.header->start_nanoseconds);
    if (thread.has_interpreter) leave_interpreter(thread, false);
    record.used = used_until_end(thread);
}

void run_task(const Run& run, const PlanThread& planned, Thread& thread, Task& task) {
    begin_at_barrier(run, planned, thread);
    task.record->cpu_at_start = thread.baseline.cpu_nanoseconds;
    if (task.instance->start > 0) {
        const Waiting waiting(task, TaskState::sleeping);
        sleep_until(run.state.header->start_nanoseconds + task.instance->start);
        ++thread.baseline.voluntary_switches;
    }
    record_start(task);
    static_cast<void>(advance(task));
    look_at_process(task);
    task.record->used = used_until_end(*task.thread);
}

// One thread of the plan, from its creation to its end.
void be_thread(const Run& run, Process& process, std::uint32_t index) {
    const PlanThread& planned = run.plan.threads[index];
    pin_thread(run, planned);
    prefault_stack(64 * 1024);
    ThreadRecord& record = run.state.threads[index];
    if (run.plan.header.records_threads != 0 || planned.home != no_index) record.thread_id = gettid();
    Thread thread;
    thread.run = &run;
    thread.process = &process;
    thread.is_main = planned.is_main;
    thread.timer = work_timer(run.plan, run.state, index);
    execute_for(thread, planned.interpreter);
    std::vector<Task> tasks;
    tasks.reserve(planned.instances);
    for (std::uint32_t i = 0; i < planned.instances; ++i) {
        const std::uint32_t instance = planned.first_instance + i;
        Task& task = tasks.emplace_back(task_of(run, instance));
        task.thread = &thread;
        task.record = &run.state.tasks[instance];
        task.record->instance = instance;
        task.record->kind = task.kind;
        task.record->state.store(TaskState::created, std::memory_order_relaxed);
        if (!planned.carries) task.record->thread_id = record.thread_id;
    }
    for (const Task& task : tasks) prepare_buffers(task);
    if (!planned.carries) await_signals(tasks.front());
    for (Task& task : tasks) prepare_working_sets(task);
    for (Task& task : tasks) prepare_for_devices(task);
    settle(run, process.space);
    apply_scheduling(run, planned, record); // before the barrier: whoever is released shall compete as what it is
    if (planned.is_main) join_memory_group(run, planned.process);
    if (!planned.carries)
        run_task(run, planned, thread, tasks.front());
    else if (planned.carried_kind == TaskKind::fiber)
        run_carrier<FiberContext>(run, planned, thread, record, tasks);
    else
        run_carrier<CoroutineContext>(run, planned, thread, record, tasks);
    end_thread(thread);
}

struct ThreadStart {
    const Run* run;
    Process* process;
    std::uint32_t thread;
};

void* begin_thread(void* address) {
    const ThreadStart start = *static_cast<const ThreadStart*>(address);
    be_thread(*start.run, *start.process, start.thread);
    return nullptr;
}

// When the conductor is killed, everything of the run goes: also what this process has forked and orphaned.
void die_with_conductor(pid_t conductor) {
    signal(SIGTERM, [](int) { end_run_at_once(); });
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != conductor) kill(0, SIGKILL);
}

} // namespace

void be_process(const Run& run, std::uint32_t index, pid_t conductor) {
    die_with_conductor(conductor);
    const PlanProcess& planned = run.plan.processes[index];
    touch_resident(run, planned.resident);
    make_records_present(run, planned);

    Process process;
    process.threads = static_cast<int>(planned.threads);
    process.interpreters = make_interpreter_locks(run.plan);
    take_ends(run, planned, process);
    ignore_signals(planned);
    prepare_address_space(run, planned, process.space);
    if (run.plan.header.observations > 0) make_present(run.plan.pages);
    process.carrier_groups.resize(planned.threads);
    for (std::uint32_t i = 0; i < planned.threads; ++i) {
        const PlanThread& thread = run.plan.threads[planned.first_thread + i];
        if (thread.carriers > 1 && thread.first_carrier == planned.first_thread + i)
            process.carrier_groups[i] = std::make_shared<CarrierGroup>(run, thread.carriers);
    }
    std::vector<ThreadStart> starts(planned.threads);
    const bool main_is_task = run.plan.threads[planned.first_thread].is_main;
    for (std::uint32_t i = main_is_task ? 1 : 0; i < planned.threads; ++i) {
        starts[i] = {&run, &process, planned.first_thread + i};
        pthread_t id{};
        const int error = pthread_create(&id, nullptr, begin_thread, &starts[i]);
        if (error != 0) fail(run, "creating a thread", error);
    }
    if (main_is_task) be_thread(run, process, planned.first_thread);
    run.state.header->preparation_nanoseconds.fetch_add(kernel_figures(run).cpu_nanoseconds);
    for (;;) pause(); // the thread that ends last ends the process
}

void be_image(const Run& run, const Image& image) {
    const auto family = std::find_if(run.plan.threads.begin(), run.plan.threads.end(), [&](const PlanThread& thread) {
        return image.instance - thread.first_instance < thread.instances;
    });
    Process process;
    process.threads = 1;
    process.interpreters = make_interpreter_locks(run.plan);
    find_ends(run, process);
    Thread thread;
    thread.run = &run;
    thread.process = &process;
    thread.is_main = true;
    thread.timer = for_child(
        work_timer(run.plan, run.state, static_cast<std::uint32_t>(family - run.plan.threads.begin())), image.record);
    execute_for(thread, run.plan.instances[image.instance].interpreter);
    Task task = task_of(run, image.instance);
    task.thread = &thread;
    task.kind = TaskKind::process;
    task.record = &run.state.tasks[image.record];
    task.position = image.position;
    task.next_amount = image.next_amount;
    task.draw_instance = image.draw_instance;
    task.request = image.request;
    task.work = task.record->work;       // left there by the exec
    thread.baseline = task.record->used; // likewise: the kernel has gone on counting
    prepare_address_space(run, run.plan.processes[family->process], process.space);
    settle(run, process.space);
    static_cast<void>(advance(task));
    look_at_process(task);
    task.record->used = used_until_end(thread);
    _exit(0);
}

} // namespace switchyard::native
