// A task as the runner executes it, and what it lives in: the run, a process, a thread the kernel knows.
#pragma once

#include "native/plan/shared_state.hpp"
#include "native/runner/address_space.hpp"
#include "native/runner/channels.hpp"
#include "native/runner/interpreter_lock.hpp"
#include "native/runner/observe.hpp"
#include "native/runner/work.hpp"
#include "native/runner/working_set.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace switchyard::native {

struct Run {
    PlanView plan;
    SharedState state;
};

class CarrierGroup; // carrier_group.hpp

// One of the run's processes, as it sees itself. The thread that ends last ends it.
struct Process {
    std::atomic<int> threads{0}; // that execute tasks and have not ended
    AddressSpace space;
    InterpreterLocks interpreters; // by the plan's locks
    HeldEnds ends;
    std::vector<std::shared_ptr<CarrierGroup>> carrier_groups; // by their first thread's place in the process
};

class Reactor;
struct DeviceWait; // device_wait.hpp

// A thread the kernel knows, and what is its own while it executes a task or carries several.
struct Thread {
    const Run* run = nullptr;
    Process* process = nullptr;
    bool is_main = false; // the process's first thread, whose end the C library would take for that of the process
    WorkTimer timer;
    KernelFigures baseline{};               // what the kernel had counted for it when it began
    std::byte* vfork_stack = nullptr;       // for the children it vforks, one after another
    Reactor* reactor = nullptr;             // its event loop's, where it carries
    InterpreterLock* interpreter = nullptr; // whose code it executes
    bool has_interpreter = false;           // its lock
    std::vector<char> received;             // where data goes
    std::vector<char> sent;                 // what is sent, where it has to lie in one piece
};

// A child under the name its parent gave it.
struct ChildSlot {
    enum class Kind : std::uint8_t { empty, process, thread, carried };
    Kind kind = Kind::empty;
    std::uint64_t id = 0; // process id, pthread_t, address of the carried task
};

struct Task {
    Thread* thread = nullptr;
    TaskKind kind = TaskKind::thread;
    const PlanOperation* code = nullptr;
    const PlanInstance* instance = nullptr;
    TaskRecord* record = nullptr;
    std::uint32_t position = 0;
    std::uint32_t depth = 0;             // repeats it is in
    std::vector<std::int64_t> remaining; // rounds of each of them
    std::vector<ChildSlot> children;
    std::vector<std::uint64_t> sampled; // by operation: how often it has drawn there, where it does so on the way
    std::size_t next_amount = 0;        // in the plan's values: its own lie there one after another
    std::uint64_t work = 0;             // iterations it was asked for so far
    std::int64_t sleep_nanoseconds = 0; // that it asks its event loop for
    FaultFigures faults;                // since its latest observation
    OwnWorkingSet own_working_set;
    std::vector<std::uint64_t> warm_walks;   // over it, in iterations, by the plan's working sets; 0: not measured
    std::uint64_t walked_to = 0;             // where in its working set it goes on
    std::shared_ptr<DeviceWait> device_wait; // once it has used one
    std::int64_t release = 0;                // of its latest job, CLOCK_MONOTONIC in ns; 0: it has had none
    bool in_job = false;
    std::uint32_t draw_instance = 0; // under which it draws on the way
    std::uint32_t request = 0;       // in hand: its number + 1; 0: none
    Movement movement;               // of data, by the operation it is at
    bool was_refused = false;        // it has found taken what it wants, and waits for it
    // Carried.
    Task* next_in_queue = nullptr; // of those that are ready, or wait for the same
    std::int64_t ready_at = 0;     // CLOCK_MONOTONIC, ns, of one that waits: when it will be, or is; 0: not known
    std::int64_t stalled = 0;      // ns (blocked_time.hpp); in a queue: less what its carrier had been blocked before
    bool (*park)(Task&) = nullptr; // Pause::waits
    TaskState awaited_state = TaskState::suspended; // `sleeping` where no other task is needed to end its wait
    int awaited_descriptor = -1;                    // Pause::waits_for_descriptor
    std::uint32_t awaited_events = 0;               // likewise: EPOLLIN, EPOLLOUT
    std::int32_t completion = 0;                    // the result of the operation its event loop's ring was given
};

// The task of an instance of the plan, at the beginning of its program; its thread and record are still to be given.
[[nodiscard]] Task task_of(const Run& run, std::uint32_t instance);

// The next amount the task takes from the plan; the amount of the operation it is at.
[[nodiscard]] std::int64_t take_amount(Task& task);
[[nodiscard]] std::int64_t sample_amount(Task& task, const PlanOperation& operation);
[[nodiscard]] std::int64_t amount_of_request(const Task& task, const PlanOperation& operation);
[[nodiscard]] inline std::int64_t amount_of(Task& task, const PlanOperation& operation) {
    switch (operation.operand) {
    case Operand::drawn: return take_amount(task);
    case Operand::sampled: return sample_amount(task, operation);
    case Operand::of_request: return amount_of_request(task, operation);
    default: return operation.value;
    }
}

// Under which a child draws on the way, if anybody of its program does (child_instance).
[[nodiscard]] std::uint32_t draw_instance_of_child(Task& parent);

// The record of one more child of the task: behind those of all before it.
[[nodiscard]] TaskRecord& record_of_child(const Task& parent, TaskKind kind);

// A thread, coroutine or fiber it spawns: at the operation behind the one the parent is at, without children of its
// own.
[[nodiscard]] Task spawned_by(Task& parent);

// Why a task stops executing for now. Only carried ones stop before their end: all else happens inside `advance`.
enum class Pause : std::uint8_t {
    ended,
    yields,
    sleeps, // for `sleep_nanoseconds`
    joins,  // the carried child in the slot of the operation it is at
    spawns, // a task for its own event loop; the operation is still to be left
    // Until `awaited_descriptor` is ready for `awaited_events`, or has an error. What it executes then is the operation
    // at `position`: the same again, if it has not been left.
    waits_for_descriptor,
    // Until somebody makes it ready (reactor.hpp). Its loop calls `park` when it is off the processor: that tells
    // whoever will make it ready of it, or answers false if it need not wait any more. A ring is given its operation
    // there too.
    waits,
};

// Executes the task's operations until it pauses. A process task that forks comes out twice, as fork(2) does.
[[nodiscard]] Pause advance(Task& task);

// A child the kernel knows runs for the first time: as the calling thread, which is recorded where the plan asks for
// it.
void record_thread(const Task& child);

// The task runs for the first time; it is over.
void record_start(Task& task);
void record_end(Task& task, Ending ending);

// What the kernel has counted for the calling thread.
[[nodiscard]] KernelFigures kernel_figures(const Run& run);

// The same since it began; the calling thread is `thread` and about to end, which will be one more voluntary switch.
[[nodiscard]] KernelFigures used_until_end(const Thread& thread);

// The record says that the task waits, and at which operation; that it goes on.
void record_wait(const Task& task, TaskState state);
void record_going_on(const Task& task);

// The thread is in a blocking call of a task it carries; it has returned from it.
void block_carrier(const Thread& thread);
void unblock_carrier(const Thread& thread);

// A wait as long as the scope, with the thread.
class Waiting {
public:
    explicit Waiting(const Task& task, TaskState state = TaskState::blocked) : task_(task) {
        record_wait(task, state);
        if (is_carried(task.kind)) block_carrier(*task.thread);
    }
    ~Waiting() {
        if (is_carried(task_.kind)) unblock_carrier(*task_.thread);
        record_going_on(task_);
    }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

private:
    const Task& task_;
};

// Gives the whole run up, saying why: kills every process of it, this one included.
[[noreturn]] void fail(const Run& run, const char* action, int error_number);

} // namespace switchyard::native
