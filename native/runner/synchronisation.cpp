#include "native/runner/synchronisation.hpp"

#include "models/errors.hpp"
#include "native/runner/clock.hpp"
#include "native/runner/reactor.hpp"
#include "native/runner/task_lock.hpp"
#include "native/runner/waiting_tasks.hpp"

#include <cerrno>
#include <utility>

namespace switchyard::native {

namespace {

int sharing(bool within_process) { return within_process ? PTHREAD_PROCESS_PRIVATE : PTHREAD_PROCESS_SHARED; }

void check(int error, const char* what) {
    if (error != 0) throw SystemError::from_errno(what, error);
}

void make_mutex(LockState& state, const PlanLock& lock) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, sharing(lock.within_process));
    const bool counts = lock.kind == LockKind::recursive && !lock.owned_by_tasks; // else `depth` does
    pthread_mutexattr_settype(&attributes, counts ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_NORMAL);
    if (lock.robust) pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    if (lock.protocol == LockProtocol::inheritance) pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
    if (lock.protocol == LockProtocol::ceiling) {
        pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_PROTECT);
        pthread_mutexattr_setprioceiling(&attributes, lock.ceiling);
    }
    const int error = pthread_mutex_init(&state.mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
    check(error, "making a mutex");
}

void make_read_write_lock(LockState& state, const PlanLock& lock) {
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setpshared(&attributes, sharing(lock.within_process));
    pthread_rwlockattr_setkind_np(&attributes, lock.prefers == Preference::writers
                                                   ? PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP
                                                   : PTHREAD_RWLOCK_PREFER_READER_NP);
    const int error = pthread_rwlock_init(&state.read_write, &attributes);
    pthread_rwlockattr_destroy(&attributes);
    check(error, "making a read-write lock");
}

void make_condition(ConditionState& state, const PlanCondition& condition) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setpshared(&attributes, sharing(condition.within_process));
    const int error = pthread_cond_init(&state.condition, &attributes);
    pthread_condattr_destroy(&attributes);
    check(error, "making a condition");
}

void make_barrier(BarrierState& state, const PlanBarrier& barrier) {
    pthread_barrierattr_t attributes;
    pthread_barrierattr_init(&attributes);
    pthread_barrierattr_setpshared(&attributes, sharing(barrier.within_process));
    const int error = pthread_barrier_init(&state.barrier, &attributes, barrier.parties);
    pthread_barrierattr_destroy(&attributes);
    check(error, "making a barrier");
}

std::uint32_t number_of(const Task& task) {
    return static_cast<std::uint32_t>(task.record - task.thread->run->state.tasks.data()) + 1;
}

// The task has the lock alone, once more than before. What it finds is what its previous owner has left, on whichever
// thread that gave it back.
void own(LockState& state, const Task& task) {
    static_cast<void>(state.owner.load(std::memory_order_acquire));
    state.owner.store(number_of(task), std::memory_order_relaxed);
    ++state.depth;
}

// One whose owner has died comes with what that one left undone, which here is nothing.
void check_mutex(const Task& task, LockState& state, int error, const char* what) {
    if (error == EOWNERDEAD) {
        error = pthread_mutex_consistent(&state.mutex);
        state.depth = 0;
    }
    if (error != 0) fail(*task.thread->run, what, error);
}

bool try_mutex(const Task& task, LockState& state) {
    const int error = pthread_mutex_trylock(&state.mutex);
    if (error == EBUSY) return false;
    check_mutex(task, state, error, "taking a mutex");
    return true;
}

FutexScope scope_of(const PlanLock& lock) {
    return lock.within_process ? FutexScope::this_process : FutexScope::any_process;
}

bool prefers_writers(const PlanLock& lock) { return lock.prefers == Preference::writers; }

// Those who wait for it with their threads sleep in it; of those whose event loops go on, one tries again, or all where
// they sort it out among themselves.
void wake_suspended(const Task& task, LockState& state, bool everybody) {
    while (Task* const waiter = dequeue(state.suspended)) {
        make_ready(*waiter, *task.thread);
        if (!everybody) break;
    }
}

// It is found taken, which is counted once however often the task tries again.
bool refuse(Task& task) {
    if (!std::exchange(task.was_refused, true)) ++task.record->contentions;
    return false;
}

// Tries for so long before it sleeps.
bool spin_for(const Task& task, LockState& state, std::int64_t nanoseconds) {
    if (nanoseconds == 0) return false;
    for (const std::int64_t end = monotonic_nanoseconds() + nanoseconds; monotonic_nanoseconds() < end;) {
        if (state.owner.load(std::memory_order_relaxed) == 0 && try_mutex(task, state)) return true;
        __builtin_ia32_pause();
    }
    return false;
}

} // namespace

void make_shared_objects(const Run& run) {
    for (std::size_t i = 0; i < run.plan.semaphores.size(); ++i)
        run.state.semaphores[i].tokens = run.plan.semaphores[i].initial;
    for (std::size_t i = 0; i < run.plan.locks.size(); ++i) {
        LockState& state = run.state.locks[i];
        const PlanLock& lock = run.plan.locks[i];
        if (lock.kind == LockKind::read_write)
            make_read_write_lock(state, lock);
        else if (lock.kind == LockKind::spin)
            check(pthread_spin_init(&state.spin, sharing(lock.within_process)), "making a spin lock");
        else
            make_mutex(state, lock);
    }
    for (std::size_t i = 0; i < run.plan.conditions.size(); ++i)
        make_condition(run.state.conditions[i], run.plan.conditions[i]);
    for (std::size_t i = 0; i < run.plan.barriers.size(); ++i)
        make_barrier(run.state.barriers[i], run.plan.barriers[i]);
    for (std::size_t i = 0; i < run.plan.variables.size(); ++i)
        run.state.variables[i].value = run.plan.variables[i].initial;
}

// --- Locks -------------------------------------------------------------------------------------------------------

namespace {

bool claim(const Task& task, std::uint32_t index) {
    const Run& run = *task.thread->run;
    LockState& state = run.state.locks[index];
    const PlanLock& lock = run.plan.locks[index];
    bool taken = false;
    switch (lock.kind) {
    case LockKind::read_write:
        taken = lock.owned_by_tasks ? try_write(state.of_tasks) : pthread_rwlock_trywrlock(&state.read_write) == 0;
        break;
    case LockKind::spin: taken = pthread_spin_trylock(&state.spin) == 0; break;
    case LockKind::recursive:
        taken = (lock.owned_by_tasks && state.owner.load(std::memory_order_relaxed) == number_of(task)) ||
                try_mutex(task, state);
        break;
    case LockKind::mutex: taken = try_mutex(task, state); break;
    case LockKind::interpreter: break; // no operation takes it
    }
    if (taken) own(state, task);
    return taken;
}

bool claim_as_reader(const PlanLock& lock, LockState& state) {
    return lock.owned_by_tasks ? try_read(state.of_tasks, prefers_writers(lock))
                               : pthread_rwlock_tryrdlock(&state.read_write) == 0;
}

} // namespace

void lock_for_itself(const Task& task, std::uint32_t index) {
    const Run& run = *task.thread->run;
    LockState& state = run.state.locks[index];
    const PlanLock& lock = run.plan.locks[index];
    if (claim(task, index)) return;
    ++task.record->contentions;
    {
        const Waiting waiting(task);
        if (lock.kind == LockKind::read_write && lock.owned_by_tasks)
            wait_to_write(state.of_tasks, scope_of(lock));
        else if (lock.kind == LockKind::read_write)
            pthread_rwlock_wrlock(&state.read_write);
        else if (lock.kind == LockKind::spin)
            pthread_spin_lock(&state.spin);
        else if (!spin_for(task, state, lock.spin))
            check_mutex(task, state, pthread_mutex_lock(&state.mutex), "taking a mutex");
    }
    own(state, task);
}

void lock_as_reader(const Task& task, std::uint32_t index) {
    LockState& state = task.thread->run->state.locks[index];
    const PlanLock& lock = task.thread->run->plan.locks[index];
    if (claim_as_reader(lock, state)) return;
    ++task.record->contentions;
    const Waiting waiting(task);
    if (lock.owned_by_tasks)
        wait_to_read(state.of_tasks, prefers_writers(lock), scope_of(lock));
    else
        pthread_rwlock_rdlock(&state.read_write);
}

bool try_to_lock(const Task& task, std::uint32_t index) {
    if (claim(task, index)) return true;
    ++task.record->contentions;
    return false;
}

void unlock(const Task& task, std::uint32_t index) {
    const Run& run = *task.thread->run;
    LockState& state = run.state.locks[index];
    const LockKind kind = run.plan.locks[index].kind;
    const std::uint32_t owner = state.owner.load(std::memory_order_relaxed);
    if (owner != number_of(task) && (kind != LockKind::read_write || owner != 0))
        fail(run, "unlock: only who has taken a lock can give it back", EPERM);
    const bool of_tasks = run.plan.locks[index].owned_by_tasks;
    if (owner != 0 && --state.depth == 0) state.owner.store(0, std::memory_order_release);
    if (kind == LockKind::recursive && of_tasks && state.depth > 0) return;
    if (kind == LockKind::read_write && of_tasks)
        give_back(state.of_tasks, scope_of(run.plan.locks[index]));
    else if (kind == LockKind::read_write)
        pthread_rwlock_unlock(&state.read_write);
    else if (kind == LockKind::spin)
        pthread_spin_unlock(&state.spin);
    else
        pthread_mutex_unlock(&state.mutex);
    std::atomic_thread_fence(std::memory_order_seq_cst); // in one order with the count of those who wait
    wake_suspended(task, state, kind == LockKind::read_write);
}

bool try_claim(Task& task) {
    const PlanOperation& operation = task.code[task.position];
    const Run& run = *task.thread->run;
    const bool has_it = operation.kind == OperationKind::lock_shared
                            ? claim_as_reader(run.plan.locks[operation.object], run.state.locks[operation.object])
                            : claim(task, operation.object);
    if (!has_it) return refuse(task);
    task.was_refused = false;
    return true;
}

// Whoever gives the lock back after the task is in the queue sees it there; whoever did so before has left it free. The
// task is nobody's to look at any more once it is in the queue: another thread may execute it already.
bool park_at_lock(Task& task) {
    const Run& run = *task.thread->run;
    const PlanOperation& operation = task.code[task.position];
    const PlanLock& lock = run.plan.locks[operation.object];
    LockState& state = run.state.locks[operation.object];
    const bool reads = operation.kind == OperationKind::lock_shared;
    enqueue(state.suspended, task);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    const auto& readers_and_writers = state.of_tasks;
    const bool is_free = lock.kind != LockKind::read_write ? state.owner.load() == 0
                         : reads                           ? may_read(readers_and_writers, prefers_writers(lock))
                                                           : readers_and_writers.holders.load() == 0;
    return !is_free || !take_out(state.suspended, task);
}

// --- Conditions and barriers -------------------------------------------------------------------------------------

void await_condition(const Task& task, const PlanAwait& await) {
    const Run& run = *task.thread->run;
    LockState& lock = run.state.locks[await.lock];
    if (lock.owner.load(std::memory_order_relaxed) != number_of(task))
        fail(run, "await: only who has taken the lock can wait with it", EPERM);
    const auto wait = [&] {
        const Waiting waiting(task);
        const std::uint32_t depth = std::exchange(lock.depth, 0);
        lock.owner.store(0, std::memory_order_release);
        std::atomic_thread_fence(std::memory_order_seq_cst);
        wake_suspended(task, lock, false); // until the lock is given back, in a moment, they try in vain
        const int error = pthread_cond_wait(&run.state.conditions[await.condition].condition, &lock.mutex);
        check_mutex(task, lock, error, "waiting for a condition");
        lock.owner.store(number_of(task), std::memory_order_relaxed);
        lock.depth = depth;
    };
    if (await.predicate == no_index) return wait();
    while (!holds(run, run.plan.predicates[await.predicate])) wait();
}

void notify(const Task& task, std::uint32_t condition, bool everybody) {
    pthread_cond_t& waited_for = task.thread->run->state.conditions[condition].condition;
    everybody ? pthread_cond_broadcast(&waited_for) : pthread_cond_signal(&waited_for);
}

void arrive(const Task& task, std::uint32_t barrier) {
    const Waiting waiting(task);
    pthread_barrier_wait(&task.thread->run->state.barriers[barrier].barrier);
}

// --- Variables ---------------------------------------------------------------------------------------------------

std::int64_t load(const Run& run, std::uint32_t variable) {
    const auto order = run.plan.variables[variable].atomic ? std::memory_order_acquire : std::memory_order_relaxed;
    return run.state.variables[variable].value.load(order);
}

void store(const Run& run, std::uint32_t variable, std::int64_t value) {
    const auto order = run.plan.variables[variable].atomic ? std::memory_order_seq_cst : std::memory_order_relaxed;
    run.state.variables[variable].value.store(value, order);
}

// One that is not atomic is loaded and stored: what another stores in between is lost.
void add(const Run& run, std::uint32_t variable, std::int64_t value) {
    std::atomic<std::int64_t>& word = run.state.variables[variable].value;
    if (run.plan.variables[variable].atomic)
        word.fetch_add(value);
    else
        word.store(word.load(std::memory_order_relaxed) + value, std::memory_order_relaxed);
}

bool holds(const Run& run, const PlanPredicate& predicate) {
    return switchyard::holds({predicate.variable, predicate.comparison, predicate.value},
                             load(run, predicate.variable));
}

void spin_while(const Task& task, const PlanPredicate& predicate) {
    const Run& run = *task.thread->run;
    while (holds(run, predicate)) __builtin_ia32_pause();
}

} // namespace switchyard::native
