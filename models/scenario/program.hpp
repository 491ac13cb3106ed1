// What a task does: flat code, made of operations with operands.
//
// YAML and the builder nest; the code does not: loops and the bodies of children are jumps, so that an executor needs
// no recursion and no allocation. Both executors, the simulator and the native runner, execute this code and nothing
// else.
#pragma once

#include "models/errors.hpp"
#include "models/scenario/communication.hpp"
#include "models/scenario/distribution.hpp"
#include "models/scenario/memory.hpp"
#include "models/scenario/synchronisation.hpp"
#include "models/units/size.hpp"
#include "models/units/time.hpp"

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

// What the kernel and the runtimes tell apart.
enum class TaskKind : std::uint8_t {
    process,   // an address space of its own, with one thread to begin with
    thread,    // shares its process's address space; the kernel schedules it
    coroutine, // stackless, C++20: carried by a thread, which the kernel alone knows of
    fiber,     // stackful, Boost.Context: carried by a thread likewise
};
inline constexpr int task_kinds = 4;

// "process", "thread", "coroutine", "fiber".
[[nodiscard]] std::string_view name_of(TaskKind kind);

// A coroutine or a fiber: switched in user space, by its own hand.
[[nodiscard]] constexpr bool is_carried(TaskKind kind) {
    return kind == TaskKind::coroutine || kind == TaskKind::fiber;
}

enum class OperationKind : std::uint8_t {
    compute,     // amount: work in ps at the machine's nominal speed, and what it goes over meanwhile, if it says so
    sleep,       // amount: ps. Blocks the thread (nanosleep); `asynchronous`: only the coroutine, its loop goes on
    yield,       // thread, process: sched_yield. Coroutine, fiber: hand over to the next one of its thread
    system_call, // enter and leave the kernel, nothing more
    fork,        // amount: none. Child runs the code at +1; the parent goes on at `target`
    vfork,       // likewise; the parent waits until the child execs or exits
    clone,       // likewise; `shares_memory` says whether the child is a thread of this process or a process
    exec,       // this process's other threads die, its memory is replaced, the code at +1 follows; `target`: behind it
    spawn,      // a new task of kind `task_kind` runs the code at +1; this one goes on at `target`
    join,       // wait for the end of the task spawned as `slot`
    wait,       // wait for the process forked as `slot`, or for any child (slot == no_slot); reaps it
    exit,       // the whole process ends
    end,        // this task ends (the end of its code); the last thread of a process ends it
    crash,      // a fault that nobody handles: this process dies with all its threads
    repeat,     // amount: how often. The body is at +1; at zero iterations jump to `target`
    repeat_end, // back to `target` (the first operation of the body) while iterations are left
    acquire,    // take one from semaphore `object`; blocks at zero
    release,    // give one back to semaphore `object`, waking one that waits
    send,       // amount: bytes into channel `object`; blocks while it is full
    receive,    // bytes out of channel `object`: `amount` of a stream, else one message; blocks while it is empty
    job,        // amount: ps from the previous job's release to this one's; waits for it. The body is at +1
    job_end,    // the job that began before is done; `target`: the operation after it
    lock,       // lock `object` for itself alone: as its owner, or as the writer; blocks while it is taken
    lock_shared, // read-write lock `object` as a reader; blocks while a writer has it
    try_lock,    // lock `object` if that can be at once: the body is at +1; else jump to `target`
    unlock,      // give lock `object` back, waking who is to have it
    await,       // wait for a condition; `object`: index into SynchronisationOperands::awaits
    notify,      // wake one of those that wait for condition `object`, if there is one
    notify_all,  // wake all of them
    arrive,      // at barrier `object`; blocks until all its parties have
    read,        // variable `object`
    write,       // `object`: index into SynchronisationOperands::updates. The variable becomes its value
    add,         // likewise. The variable changes by its value
    branch,   // `object`: index into SynchronisationOperands::predicates. Where it holds the body is at +1; else jump
              // to `target`
    jump,     // to `target`: the end of the body of a branch, a try_lock or a for_each
    for_each, // as receive; the body is at +1. Once nobody is left to send and nothing to be received: to `target`
    close,    // the process gives up its ends of channel `object`: `end` says which
    io,       // amount: ps of service by device `object`; `style` says how the task waits for it
    begin_request, // a request comes into being: it arrived when the job around was released, or else now
    end_request,   // the request in hand is answered
    map,           // memory: `object` is an index into the operands of its kind in Program::memory. mmap(2)
    unmap,         // munmap(2)
    remap,         // mremap(2)
    protect,       // mprotect(2)
    brk,           // brk(2)
    advise,        // madvise(2)
    touch,         // loads or stores, one in each page referenced
    observe,       // what the kernel says of the task's memory becomes part of the report
};
inline constexpr int operation_kinds = static_cast<int>(OperationKind::observe) + 1;

// Whether it is one of those that `Program::memory` has the operands of.
[[nodiscard]] constexpr bool is_about_memory(OperationKind kind) {
    return kind >= OperationKind::map && kind <= OperationKind::observe;
}

// Whether it is one of those whose further operands are in `Program::synchronisation`.
[[nodiscard]] constexpr bool has_synchronisation_operands(OperationKind kind) {
    return kind == OperationKind::await || kind == OperationKind::write || kind == OperationKind::add ||
           kind == OperationKind::branch;
}

// Whether who executes it gives the interpreter's lock up meanwhile, where it has one: what may block in the kernel
// does, for a task that is carried as far as it blocks its carrier.
[[nodiscard]] constexpr bool leaves_interpreter(OperationKind kind, bool carried, bool asynchronous) {
    switch (kind) {
    case OperationKind::sleep:
    case OperationKind::acquire:
    case OperationKind::send:
    case OperationKind::receive:
    case OperationKind::for_each:
    case OperationKind::lock:
    case OperationKind::lock_shared: return !asynchronous;
    case OperationKind::yield:
    case OperationKind::end: return !carried;
    case OperationKind::system_call:
    case OperationKind::join:
    case OperationKind::wait:
    case OperationKind::close:
    case OperationKind::io:
    case OperationKind::job:
    case OperationKind::await:
    case OperationKind::arrive: return true;
    default: return false;
    }
}

// Whether what follows depends on what other tasks do, so that nobody can say beforehand how often it is executed.
[[nodiscard]] constexpr bool is_decision(OperationKind kind) {
    return kind == OperationKind::branch || kind == OperationKind::try_lock || kind == OperationKind::for_each;
}

// "compute", "sleep", ...: the words of scenario files.
[[nodiscard]] std::string_view name_of(OperationKind kind);

// Which of its process's ends of a channel a `close` closes.
enum class ChannelEnd : std::uint8_t { sending, receiving, both };

inline constexpr std::uint32_t no_slot = std::numeric_limits<std::uint32_t>::max();
inline constexpr std::uint32_t no_object = std::numeric_limits<std::uint32_t>::max();

// How bodies lie in the code, B being the body's first operation and T the `target` of what stands before it:
//
//     repeat T            B ... repeat_end B  T     `repeat_end` goes back to B; repeats inside one another nest
//     job T               B ... job_end       T     a job given up goes on at T; jobs do not nest
//     fork T, clone T     B ... exit          T     the child ends with its body, or
//     fork T              B ...               T     the child runs on into what follows, as after `if (fork() == 0)
//     {...}` vfork T             B ... exit          T     compute, system_call, exec and exit only, see vfork(2) clone
//     T (shared)    B ... end           T     the child is a thread: it ends alone spawn T             B ... end T exec
//     T              B ... exit          T     nobody reaches T: what follows exec no longer exists
//     branch T            B ... jump branch   T     `while`: asked again after each round
//     branch T, try_lock T  B ... jump E      T ... E     `if` with an `else`, which is at T
//     branch T, try_lock T  B ...             T     without one
//     for_each T          B ... jump for_each T     asked again after each round
//
// A fork's child inherits how often the repeats around it still go round, but no children: slots are a task's own, and
// each body's are empty when it starts. A slot names the latest child put there. A wait or join whose slot is empty
// (the fork stood in a repeat of zero; a child ran on into its parent's wait: ECHILD) goes on at once.
struct Operation {
    OperationKind kind = OperationKind::end;
    TaskKind task_kind = TaskKind::thread; // spawn
    bool asynchronous = false;             // sleep, send, receive, for_each: only the coroutine or fiber waits
    bool shares_memory = false;            // clone
    bool of_request = false;    // the amount is the request's in hand: number `slot` of Scenario::request_amounts
    bool ignores_break = false; // send: nobody being left to receive does not kill the process (SIGPIPE ignored)
    WaitStyle style = WaitStyle::blocking; // io
    ChannelEnd end = ChannelEnd::sending;  // close
    std::uint32_t amount = 0;              // index into Program::amounts, where the operation takes one
    std::uint32_t target = 0;              // index into Program::code, where it jumps
    std::uint32_t slot = no_slot; // which of the task's named children: written by fork, spawn; read by wait, join
    // Index into an array of the scenario's (semaphores, channels, devices, locks, conditions, ...), or of
    // operands: Program::memory's, ::synchronisation's, or ::working_sets (compute).
    std::uint32_t object = no_object;

    friend bool operator==(const Operation&, const Operation&) = default;
};

struct Program {
    std::vector<Operation> code; // the last operation of every path is `end` or `exit`
    std::vector<Distribution> amounts;
    std::vector<std::string> slots; // names of children ("as: c")
    MemoryOperands memory;
    SynchronisationOperands synchronisation;
    std::vector<WorkingSet> working_sets;
    std::vector<SourceLocation> locations; // parallel to `code`; file left empty, see Scenario::file
    std::uint32_t repeat_depth = 0;        // loops inside one another, at most

    // Where it came from is not what it is: locations do not count.
    friend bool operator==(const Program& a, const Program& b) {
        return a.code == b.code && a.amounts == b.amounts && a.slots == b.slots && a.memory == b.memory &&
               a.synchronisation == b.synchronisation && a.working_sets == b.working_sets;
    }
};

// Limits an executor may count on.
inline constexpr std::uint32_t most_repeat_depth = 32;
inline constexpr std::size_t most_operations = 1'000'000;
inline constexpr std::size_t most_named_children = 10'000;

// "request.work": what was drawn for the request in hand (Scenario::request_amounts).
struct OfRequest {
    std::string name;
};

// What a forked child does when it has run its own part.
enum class Afterwards : std::uint8_t { exits, continues };

// What a program may refer to by name, each in the order of the scenario's.
struct ObjectNames {
    std::vector<std::string> semaphores;
    std::vector<Channel> channels;
    std::vector<Device> devices;
    std::vector<RequestAmount> request_amounts;
    std::vector<std::string> locks;
    std::vector<std::string> conditions;
    std::vector<std::string> barriers;
    std::vector<std::string> variables;
};

// How something is sent.
struct SendOptions {
    bool asynchronous = false;  // coroutine, fiber: only the task waits while there is no room
    bool ignores_break = false; // that nobody is left to receive is an error the program copes with
};

// Writes a Program as one says it:
//
//     ProgramBuilder program;
//     program.repeat(100, [](auto& body) { body.compute(50us).yield(); });
//     program.fork("child", [](auto& child) { child.compute(1ms); }).wait("child");
//
// Every function throws InputError where an operand is negative, a name is not known, or a limit is exceeded; the place
// is for the caller to add (InputError::at). A builder does not know of what kind its task is: what a coroutine or a
// vfork's child may not do is for `validate` to say. One that has thrown is good for nothing but to be thrown away.
class ProgramBuilder {
public:
    using Body = std::function<void(ProgramBuilder&)>;

    explicit ProgramBuilder(ObjectNames objects = {});

    ProgramBuilder& compute(Duration work);
    ProgramBuilder& compute(Distribution work);
    ProgramBuilder& compute(const OfRequest& work);
    // The same over a region, or over so many bytes of the task's own.
    ProgramBuilder& compute_over(std::string_view region, Distribution work);
    ProgramBuilder& compute_over(std::string_view region, Duration work);
    ProgramBuilder& compute_over(Bytes size, Distribution work);
    ProgramBuilder& compute_over(Bytes size, Duration work);
    ProgramBuilder& sleep(Duration length, bool asynchronous = false);
    ProgramBuilder& sleep(Distribution length, bool asynchronous = false);
    ProgramBuilder& sleep(const OfRequest& length, bool asynchronous = false);
    ProgramBuilder& yield();
    ProgramBuilder& system_call();
    ProgramBuilder& fork(std::string_view name, const Body& child, Afterwards afterwards = Afterwards::exits);
    ProgramBuilder& vfork(std::string_view name, const Body& child);
    ProgramBuilder& clone(std::string_view name, bool shares_memory, const Body& child);
    ProgramBuilder& exec(const Body& image); // nothing can follow it in its body
    // A thread, coroutine or fiber; processes are made by fork, vfork and clone.
    ProgramBuilder& spawn(std::string_view name, TaskKind kind, const Body& task);
    ProgramBuilder& join(std::string_view name);
    ProgramBuilder& wait(std::string_view name);
    ProgramBuilder& wait_any();
    ProgramBuilder& exit();
    ProgramBuilder& crash();
    ProgramBuilder& repeat(std::int64_t times, const Body& body);
    ProgramBuilder& repeat(Distribution times, const Body& body);
    ProgramBuilder& repeat(const OfRequest& times, const Body& body);
    // One job of a real-time task: released `after` its predecessor, whenever that was done; the first one when the
    // task starts. Its deadline is the task's (Scheduling).
    ProgramBuilder& job(Duration after, const Body& body);
    ProgramBuilder& job(Distribution after, const Body& body);
    ProgramBuilder& acquire(std::string_view semaphore);
    ProgramBuilder& release(std::string_view semaphore);
    // Communication. `size` is 0 where nothing has a size: eventfds, signals; and for receiving a message, whatever its
    // own. A socket is named with its end, "s.client" or "s.server".
    ProgramBuilder& send(std::string_view channel, Bytes size = {}, const SendOptions& options = {});
    ProgramBuilder& receive(std::string_view channel, Bytes size = {}, bool asynchronous = false);
    ProgramBuilder& for_each(std::string_view channel, Bytes size, const Body& body, bool asynchronous = false);
    // The sending end by default; of a socket both.
    ProgramBuilder& close(std::string_view channel, std::optional<ChannelEnd> end = {});
    // For the time the device takes, or another.
    ProgramBuilder& io(std::string_view device, WaitStyle style = WaitStyle::blocking);
    ProgramBuilder& io(std::string_view device, WaitStyle style, Distribution service);
    ProgramBuilder& io(std::string_view device, WaitStyle style, const OfRequest& service);
    ProgramBuilder& begin_request();
    ProgramBuilder& end_request();
    // Synchronisation. `then` and `otherwise` are what is done where the lock could be had, or the predicate holds, and
    // where not; `until` is a predicate like "count >= 3", and empty means: wait for one notice, whatever it is about.
    ProgramBuilder& lock(std::string_view lock);
    ProgramBuilder& lock_shared(std::string_view lock);
    ProgramBuilder& try_lock(std::string_view lock, const Body& then, const Body& otherwise = {});
    ProgramBuilder& unlock(std::string_view lock);
    ProgramBuilder& await(std::string_view condition, std::string_view lock, std::string_view until = {});
    ProgramBuilder& notify(std::string_view condition);
    ProgramBuilder& notify_all(std::string_view condition);
    ProgramBuilder& arrive(std::string_view barrier);
    ProgramBuilder& read(std::string_view variable);
    ProgramBuilder& write(std::string_view variable, std::int64_t value);
    ProgramBuilder& add(std::string_view variable, std::int64_t value = 1);
    ProgramBuilder& branch(std::string_view predicate, const Body& then, const Body& otherwise = {}); // if
    ProgramBuilder& repeat_while(std::string_view predicate, const Body& body);
    // Memory. The operands' regions, and a touch's trace, are filled in from the other arguments.
    ProgramBuilder& map(std::string_view region, Mapping mapping);
    ProgramBuilder& map(std::string_view region, Bytes size, RegionKind kind = RegionKind::anonymous);
    ProgramBuilder& unmap(std::string_view region, Bytes offset = {}, Bytes length = {});
    ProgramBuilder& remap(std::string_view region, Bytes size);
    ProgramBuilder& protect(std::string_view region, Permissions permissions, Bytes offset = {}, Bytes length = {});
    ProgramBuilder& brk(std::int64_t bytes); // the heap grows, or shrinks, by so many
    ProgramBuilder& advise(std::string_view region, Advice advice, Bytes offset = {}, Bytes length = {});
    ProgramBuilder& touch(std::string_view region, Touch touch);
    ProgramBuilder& touch(std::string_view region, Access access);
    ProgramBuilder& touch(std::string_view region, Touch touch, PageTrace trace);
    ProgramBuilder& observe(std::string_view name, std::string_view region = {});

    // Where the operations that follow stand in a file (whose name is Scenario::file's to know).
    ProgramBuilder& at(const SourceLocation& where);

    // The finished program; the builder is empty afterwards.
    [[nodiscard]] Program build();

private:
    Operation& append(OperationKind kind);
    std::uint32_t amount(Distribution distribution, std::string_view what);
    std::uint32_t request_amount(const OfRequest& amount) const;
    void make_of_request(const OfRequest& amount); // that of the operation appended last
    const Distribution& of_request(const OfRequest& amount) const;
    std::uint32_t channel(std::string_view name, ChannelEnd end) const;
    std::uint32_t device(std::string_view name) const;
    Operation& append_transfer(OperationKind kind, std::uint32_t channel, Bytes size);
    std::uint32_t slot(std::string_view name);
    std::uint32_t known_slot(std::string_view name, std::string_view verb) const;
    std::uint32_t object(std::string_view name, const std::vector<std::string>& names, std::string_view kind) const;
    std::uint32_t region(std::string_view name);
    ProgramBuilder& append_about_memory(OperationKind kind, std::size_t operands);
    ProgramBuilder& append_about(OperationKind kind, std::uint32_t object);
    ProgramBuilder& update(OperationKind kind, std::string_view variable, std::int64_t value);
    std::uint32_t predicate(std::string_view text);
    ProgramBuilder& alternatives(std::uint32_t opener, const Body& then, const Body& otherwise);
    ProgramBuilder& append_compute(Distribution work, WorkingSet over);
    std::uint32_t opened(std::uint32_t opener, const Body& body, std::optional<OperationKind> last);

    Program program_;
    ObjectNames objects_;
    SourceLocation where_;
    std::uint32_t depth_ = 0;
    bool replaced_ = false; // an exec stands before in the body being written
};

} // namespace switchyard
