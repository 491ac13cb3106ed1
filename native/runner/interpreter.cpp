// The operations, one by one, done for real.
#include "native/measurement/cycles.hpp"
#include "native/runner/children.hpp"
#include "native/runner/devices.hpp"
#include "native/runner/jobs.hpp"
#include "native/runner/reactor.hpp"
#include "native/runner/requests.hpp"
#include "native/runner/semaphore.hpp"
#include "native/runner/synchronisation.hpp"
#include "native/runner/task.hpp"
#include "native/runner/transfer.hpp"
#include "native/runner/waiting_tasks.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

namespace switchyard::native {

namespace {

void compute_for(Task& task, const PlanOperation& operation, std::int64_t iterations) {
    if (operation.object == no_object)
        work(task.thread->timer, iterations);
    else
        compute_over(task, task.thread->run->plan.working_sets[operation.object], iterations);
}

// What is interpreted looks between two pieces whether another thread wants its interpreter's lock.
void compute(Task& task, const PlanOperation& operation) {
    const std::int64_t iterations = amount_of(task, operation);
    task.work += static_cast<std::uint64_t>(iterations);
    if (task.thread->interpreter == nullptr) return compute_for(task, operation, iterations);
    const auto longest = static_cast<std::int64_t>(std::max<std::uint64_t>(task.thread->timer.longest_piece, 1));
    for (std::int64_t left = iterations; left > 0;) {
        const std::int64_t piece = std::min(left, longest);
        compute_for(task, operation, piece);
        left -= piece;
        let_others_in(task);
    }
}

// Before the operation: the thread has its interpreter's lock, or gives it up where the operation may block.
void mind_interpreter(Task& task, const PlanOperation& operation) {
    if (!task.thread->has_interpreter)
        take_interpreter(task);
    else
        let_others_in(task);
    const bool carried = is_carried(task.kind);
    if (!leaves_interpreter(operation.kind, carried, operation.asynchronous)) return;
    if (carried && operation.kind == OperationKind::join &&
        task.children[operation.slot].kind == ChildSlot::Kind::carried)
        return;
    leave_interpreter(*task.thread, operation.kind != OperationKind::end);
}

void sleep_for(const Task& task, std::int64_t nanoseconds) {
    const Waiting waiting(task, TaskState::sleeping);
    timespec left{nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR) {
    }
}

FutexScope scope_of(const PlanSemaphore& semaphore) {
    return semaphore.within_process ? FutexScope::this_process : FutexScope::any_process;
}

void acquire_token(const Task& task, std::uint32_t semaphore) {
    const Run& run = *task.thread->run;
    if (try_acquire(run.state.semaphores[semaphore])) return;
    ++task.record->contentions;
    const Waiting waiting(task);
    acquire(run.state.semaphores[semaphore], scope_of(run.plan.semaphores[semaphore]));
}

// Only the task waits: at the semaphore, once it is off the processor.
bool park_at_semaphore(Task& task) {
    SemaphoreState& semaphore = task.thread->run->state.semaphores[task.code[task.position].object];
    enqueue(semaphore.suspended, task);
    return semaphore.tokens.load() == 0 || !take_out(semaphore.suspended, task);
}

void release_token(const Task& task, std::uint32_t semaphore) {
    const Run& run = *task.thread->run;
    release(run.state.semaphores[semaphore], scope_of(run.plan.semaphores[semaphore]));
    if (Task* const waiter = dequeue(run.state.semaphores[semaphore].suspended)) make_ready(*waiter, *task.thread);
}

[[noreturn]] void exit_process(Task& task) {
    record_end(task, Ending::exited);
    look_at_process(task);
    task.record->used = used_until_end(*task.thread);
    _exit(0);
}

// A write to where no memory is. No core dump: prctl(2) holds where core(5) pipes dumps to a program, too.
[[noreturn]] void crash(Task& task) {
    task.thread->run->state.header->crashes.fetch_add(1, std::memory_order_relaxed);
    record_end(task, Ending::crashed);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    volatile std::uintptr_t nowhere = 0;
    *reinterpret_cast<volatile int*>(nowhere) = 1;
    _exit(1);
}

void begin_repeat(Task& task, const PlanOperation& operation) {
    const std::int64_t rounds = amount_of(task, operation);
    if (rounds <= 0) {
        task.position = operation.target;
        return;
    }
    task.remaining[task.depth++] = rounds;
    ++task.position;
}

// Where it goes on.
std::uint32_t end_repeat(Task& task, const PlanOperation& operation) {
    if (--task.remaining[task.depth - 1] > 0) return operation.target;
    --task.depth;
    return task.position + 1;
}

// A `while` without a body waits on the processor.
void decide(Task& task, const PlanOperation& operation) {
    const Run& run = *task.thread->run;
    const PlanPredicate& predicate = run.plan.predicates[operation.object];
    const PlanOperation& next = task.code[task.position + 1];
    if (next.kind == OperationKind::jump && next.target == task.position) spin_while(task, predicate);
    task.position = holds(run, predicate) ? task.position + 1 : operation.target;
}

void use_memory(Task& task, const PlanOperation& operation) {
    const PlanMemoryOperation& operands = task.thread->run->plan.memory_operations[operation.object];
    switch (operation.kind) {
    case OperationKind::map: return map_region(task, operands);
    case OperationKind::unmap: return unmap_region(task, operands);
    case OperationKind::remap: return remap_region(task, operands);
    case OperationKind::protect: return protect_region(task, operands);
    case OperationKind::brk: return change_heap(task, operands);
    case OperationKind::advise: return advise_region(task, operands);
    case OperationKind::touch: return touch_region(task, operands, amount_of(task, operation));
    default: return observe(task, operands);
    }
}

// Executes one operation but those that `advance` does itself; a pause, where the task makes one.
[[gnu::noinline]] std::optional<Pause> execute(Task& task, const PlanOperation& operation) {
    switch (operation.kind) {
    case OperationKind::compute:
        compute(task, operation);
        ++task.position;
        break;
    case OperationKind::repeat: begin_repeat(task, operation); break;
    case OperationKind::sleep:
        if (operation.asynchronous) {
            task.sleep_nanoseconds = amount_of(task, operation);
            ++task.position;
            return Pause::sleeps;
        }
        sleep_for(task, amount_of(task, operation));
        ++task.position;
        break;
    case OperationKind::system_call:
        syscall(SYS_getppid);
        ++task.position;
        break;
    case OperationKind::acquire:
        if (!operation.asynchronous) {
            acquire_token(task, operation.object);
        } else if (!try_acquire(task.thread->run->state.semaphores[operation.object])) {
            if (!std::exchange(task.was_refused, true)) ++task.record->contentions;
            task.park = park_at_semaphore;
            task.awaited_state = TaskState::suspended;
            return Pause::waits;
        }
        task.was_refused = false;
        ++task.position;
        break;
    case OperationKind::release:
        release_token(task, operation.object);
        ++task.position;
        break;
    case OperationKind::lock:
    case OperationKind::lock_shared:
        if (operation.asynchronous) {
            if (!try_claim(task)) {
                task.park = park_at_lock;
                task.awaited_state = TaskState::suspended;
                return Pause::waits;
            }
        } else if (operation.kind == OperationKind::lock) {
            lock_for_itself(task, operation.object);
        } else {
            lock_as_reader(task, operation.object);
        }
        ++task.position;
        break;
    case OperationKind::try_lock:
        task.position = try_to_lock(task, operation.object) ? task.position + 1 : operation.target;
        break;
    case OperationKind::unlock:
        unlock(task, operation.object);
        ++task.position;
        break;
    case OperationKind::await:
        await_condition(task, task.thread->run->plan.awaits[operation.object]);
        ++task.position;
        break;
    case OperationKind::notify:
    case OperationKind::notify_all:
        notify(task, operation.object, operation.kind == OperationKind::notify_all);
        ++task.position;
        break;
    case OperationKind::arrive:
        arrive(task, operation.object);
        ++task.position;
        break;
    case OperationKind::read:
        static_cast<void>(load(*task.thread->run, operation.object));
        ++task.position;
        break;
    case OperationKind::write:
        store(*task.thread->run, operation.object, operation.value);
        ++task.position;
        break;
    case OperationKind::add:
        add(*task.thread->run, operation.object, operation.value);
        ++task.position;
        break;
    case OperationKind::io:
        if (const std::optional<Pause> pause = use_device(task, operation)) return *pause;
        break;
    case OperationKind::branch: decide(task, operation); break;
    case OperationKind::jump: task.position = operation.target; break;
    case OperationKind::send:
    case OperationKind::receive:
    case OperationKind::for_each:
        if (const std::optional<Pause> pause = transfer(task, operation)) return *pause;
        break;
    case OperationKind::close:
        close_end(task, operation);
        ++task.position;
        break;
    case OperationKind::begin_request:
        begin_request(task);
        ++task.position;
        break;
    case OperationKind::end_request:
        end_request(task);
        ++task.position;
        break;
    case OperationKind::fork: fork_child(task); break;
    case OperationKind::vfork: vfork_child(task); break;
    case OperationKind::exec: exec_image(task);
    case OperationKind::wait: wait_for_process(task); break;
    case OperationKind::spawn:
        if (is_carried(operation.task_kind)) return Pause::spawns;
        spawn_thread(task);
        break;
    case OperationKind::join:
        if (task.children[operation.slot].kind == ChildSlot::Kind::carried) return Pause::joins;
        join_thread(task);
        break;
    case OperationKind::crash: crash(task);
    case OperationKind::exit: exit_process(task);
    case OperationKind::job:
        begin_job(task, amount_of(task, operation));
        ++task.position;
        break;
    case OperationKind::job_end:
        end_job(task);
        ++task.position;
        break;
    case OperationKind::map:
    case OperationKind::unmap:
    case OperationKind::remap:
    case OperationKind::protect:
    case OperationKind::brk:
    case OperationKind::advise:
    case OperationKind::touch:
    case OperationKind::observe:
        use_memory(task, operation);
        ++task.position;
        break;
    case OperationKind::end: return record_end(task, Ending::returned), Pause::ended;
    case OperationKind::clone: // the plan has none: a fork or the spawn of a thread stands for it
    case OperationKind::repeat_end:
    case OperationKind::yield: break;
    }
    return std::nullopt;
}

} // namespace

// What merely leads on is done here, without a look at what was only just written: a task that hands over again and
// again, as in an event loop, is to take little more time than that.
Pause advance(Task& task) {
    const PlanOperation* operation = task.code + task.position;
    for (;;) {
        if (task.thread->interpreter != nullptr) mind_interpreter(task, *operation);
        std::uint32_t next = 0;
        switch (operation->kind) {
        case OperationKind::repeat_end: next = end_repeat(task, *operation); break;
        case OperationKind::yield:
            next = task.position + 1;
            if (is_carried(task.kind)) {
                task.position = next;
                return Pause::yields;
            }
            sched_yield();
            break;
        default:
            if (const std::optional<Pause> pause = execute(task, *operation)) return *pause;
            next = task.position;
        }
        task.position = next;
        operation = task.code + next;
    }
}

} // namespace switchyard::native
