#include "models/scenario/program_validation.hpp"

#include "models/errors.hpp"
#include "models/scenario/memory_validation.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <vector>

namespace switchyard {

bool is_opener(OperationKind kind) {
    switch (kind) {
    case OperationKind::fork:
    case OperationKind::vfork:
    case OperationKind::clone:
    case OperationKind::exec:
    case OperationKind::spawn:
    case OperationKind::repeat:
    case OperationKind::branch:
    case OperationKind::try_lock:
    case OperationKind::for_each:
    case OperationKind::job: return true;
    default: return false;
    }
}

namespace {

// What a name of a child has stood for so far.
enum class ChildKind : std::uint8_t { none, thread, process };

// A stretch of code that something opened: a child's, an image's, a loop's, or the whole program.
struct Body {
    OperationKind opener;
    std::uint32_t begin;
    std::uint32_t end;               // behind its last operation
    TaskKind kind;                   // of the task that runs it
    bool vfork_child;                // runs in its parent's memory
    std::uint32_t last;              // its latest operation so far, not counting those of bodies inside it
    std::uint32_t repeats;           // around and including it
    bool in_job;                     // around it, or itself
    std::vector<ChildKind> children; // by slot: whom the task that runs it has started
};

bool takes_amount(OperationKind kind) {
    switch (kind) {
    case OperationKind::compute:
    case OperationKind::sleep:
    case OperationKind::repeat:
    case OperationKind::send:
    case OperationKind::receive:
    case OperationKind::for_each:
    case OperationKind::io:
    case OperationKind::job: return true;
    default: return false;
    }
}

bool may_be_asynchronous(OperationKind kind) {
    switch (kind) {
    case OperationKind::sleep:
    case OperationKind::acquire:
    case OperationKind::lock:
    case OperationKind::lock_shared:
    case OperationKind::send:
    case OperationKind::receive:
    case OperationKind::for_each: return true;
    default: return false;
    }
}

// What the operation starts: a thread (or coroutine, fiber) to be joined, or a process to be waited for.
ChildKind child_of(const Operation& operation) {
    switch (operation.kind) {
    case OperationKind::fork:
    case OperationKind::vfork: return ChildKind::process;
    case OperationKind::clone: return operation.shares_memory ? ChildKind::thread : ChildKind::process;
    case OperationKind::spawn: return ChildKind::thread;
    default: return ChildKind::none;
    }
}

// Reads the code once from top to bottom, with the bodies it is inside of on a stack.
class Inspection {
public:
    Inspection(const Program& program, TaskKind kind, const SharedObjects& objects)
        : program_(program), objects_(objects) {
        bodies_.push_back({.opener = OperationKind::end,
                           .begin = 0,
                           .end = static_cast<std::uint32_t>(program.code.size()),
                           .kind = kind,
                           .vfork_child = false,
                           .last = 0,
                           .repeats = 0,
                           .in_job = false,
                           .children = std::vector<ChildKind>(program.slots.size(), ChildKind::none)});
    }

    void run() {
        const std::vector<Operation>& code = program_.code;
        if (code.empty()) throw InputError("a program needs at least one operation, the 'end'");
        if (code.size() > most_operations)
            throw InputError(fmt::format("a program has at most {} operations: write a 'repeat'", most_operations));
        if (program_.slots.size() > most_named_children)
            throw InputError(fmt::format("a program names at most {} children: use names again", most_named_children));
        for (at_ = 0; at_ < code.size(); ++at_) {
            while (bodies_.back().end == at_) leave();
            bodies_.back().last = at_;
            check_operands();
            check_rules();
            check_children();
            if (is_opener(operation().kind)) enter();
        }
        while (bodies_.size() > 1) leave();
        if (!ends(bodies_.front())) refuse_malformed(bodies_.front().last, "after it the program must 'end' or 'exit'");
    }

private:
    [[nodiscard]] const Operation& operation() const { return program_.code[at_]; }

    [[noreturn]] void refuse(const std::string& message, std::uint32_t at) const {
        throw InputError(message, at < program_.locations.size() ? program_.locations[at] : SourceLocation{});
    }
    [[noreturn]] void refuse(const std::string& message) const { refuse(message, at_); }

    // Nobody who uses ProgramBuilder sees these.
    [[noreturn]] void refuse_malformed(std::uint32_t at, std::string_view what) const {
        refuse(fmt::format("operation {} ('{}') is malformed: {}; let ProgramBuilder write the code", at,
                           name_of(program_.code[at].kind), what),
               at);
    }
    [[noreturn]] void refuse_malformed(std::string_view what) const { refuse_malformed(at_, what); }

    // Whether nothing follows the body's last operation: the task ends there, or exec has replaced it.
    [[nodiscard]] bool ends(const Body& body) const {
        const OperationKind last = program_.code[body.last].kind;
        return last == OperationKind::end || last == OperationKind::exit || last == OperationKind::exec;
    }

    void check_operands() const {
        const Operation& now = operation();
        if (takes_amount(now.kind)) {
            if (now.amount >= program_.amounts.size()) refuse_malformed("its amount does not exist");
            try {
                validate(program_.amounts[now.amount]);
            } catch (const InputError& error) {
                refuse(fmt::format("{}: {}", name_of(now.kind), error.message()));
            }
        }
        if (now.of_request && now.slot >= objects_.request_amounts)
            refuse_malformed("its request's amount does not exist");
        check_object();
        const bool of_slot = child_of(now) != ChildKind::none || now.kind == OperationKind::join ||
                             (now.kind == OperationKind::wait && now.slot != no_slot);
        if (of_slot && now.slot >= program_.slots.size()) refuse_malformed("its child's name does not exist");
        if (is_opener(now.kind) && (now.target <= at_ || now.target > bodies_.back().end))
            refuse_malformed("its target is not behind its body");
        if (now.kind == OperationKind::repeat_end) {
            const Body& loop = bodies_.back();
            if (loop.opener != OperationKind::repeat || loop.end != at_ + 1 || now.target != loop.begin)
                refuse_malformed("it does not end a repeat");
        }
        if (now.kind == OperationKind::job_end) {
            const Body& job = bodies_.back();
            if (job.opener != OperationKind::job || job.end != at_ + 1 || now.target != at_ + 1)
                refuse_malformed("it does not end a job");
        }
        if (now.kind == OperationKind::jump) {
            const Body& body = bodies_.back();
            const bool is_last = is_decision(body.opener) && body.end == at_ + 1;
            const bool goes_back = now.target + 1 == body.begin &&
                                   (body.opener == OperationKind::branch || body.opener == OperationKind::for_each);
            if (!is_last || !(goes_back || (now.target > at_ && now.target <= bodies_[bodies_.size() - 2].end)))
                refuse_malformed("it does not end the body of a branch");
        }
        if (is_about_memory(now.kind) || now.kind == OperationKind::compute) {
            try {
                if (now.kind == OperationKind::compute)
                    check_working_set(program_, now);
                else
                    switchyard::check_operands(program_.memory, now);
            } catch (const InputError& error) {
                refuse(error.message());
            }
        }
        if (now.kind == OperationKind::spawn && now.task_kind == TaskKind::process)
            refuse("spawn makes threads, coroutines and fibers: a process is made by 'fork', 'vfork' or 'clone'");
    }

    void check_object() const {
        const Operation& now = operation();
        const SynchronisationOperands& operands = program_.synchronisation;
        switch (now.kind) {
        case OperationKind::acquire:
        case OperationKind::release:
            if (now.object >= objects_.semaphores) refuse_malformed("its semaphore does not exist");
            return;
        case OperationKind::send:
        case OperationKind::receive:
        case OperationKind::for_each:
        case OperationKind::close:
            if (now.object >= objects_.channels.size()) refuse_malformed("its channel does not exist");
            if (now.asynchronous && objects_.channels[now.object].kind == ChannelKind::system_v_queue)
                refuse(fmt::format("'{}' is a System V queue, which is no descriptor and cannot be waited for "
                                   "asynchronously: make it a message-queue",
                                   objects_.channels[now.object].name));
            return;
        case OperationKind::io:
            if (now.object >= objects_.devices) refuse_malformed("its device does not exist");
            return;
        case OperationKind::lock:
        case OperationKind::lock_shared:
        case OperationKind::try_lock:
        case OperationKind::unlock: return check_lock(now.object);
        case OperationKind::await:
            if (now.object >= operands.awaits.size()) refuse_malformed("its operands do not exist");
            return check_await(operands.awaits[now.object]);
        case OperationKind::notify:
        case OperationKind::notify_all:
            if (now.object >= objects_.conditions) refuse_malformed("its condition does not exist");
            return;
        case OperationKind::arrive:
            if (now.object >= objects_.barriers) refuse_malformed("its barrier does not exist");
            return;
        case OperationKind::read: return check_variable(now.object);
        case OperationKind::write:
        case OperationKind::add:
            if (now.object >= operands.updates.size()) refuse_malformed("its operands do not exist");
            return check_variable(operands.updates[now.object].variable);
        case OperationKind::branch: return check_predicate(now.object);
        default: return;
        }
    }

    void check_lock(std::uint32_t lock) const {
        if (lock >= objects_.locks.size()) refuse_malformed("its lock does not exist");
        if (objects_.locks[lock] == LockKind::interpreter)
            refuse("no operation takes an interpreter's lock: who computes has it; write 'interpreter' with the task");
        if (operation().kind == OperationKind::lock_shared && objects_.locks[lock] != LockKind::read_write)
            refuse(fmt::format("a {} lock has no readers: write 'lock', or make it a read-write lock",
                               name_of(objects_.locks[lock])));
        if (operation().asynchronous && objects_.locks[lock] == LockKind::spin)
            refuse("who finds a spin lock taken never waits, but tries again: leave 'asynchronous' away, or make it a "
                   "mutex");
    }

    void check_await(const Await& await) const {
        if (await.condition >= objects_.conditions) refuse_malformed("its condition does not exist");
        if (await.lock >= objects_.locks.size()) refuse_malformed("its lock does not exist");
        const LockKind kind = objects_.locks[await.lock];
        if (kind != LockKind::mutex && kind != LockKind::recursive)
            refuse(fmt::format("a condition is awaited with a mutex, not with a {} lock", name_of(kind)));
        if (await.predicate != no_predicate) check_predicate(await.predicate);
    }

    void check_predicate(std::uint32_t predicate) const {
        const std::vector<Predicate>& predicates = program_.synchronisation.predicates;
        if (predicate >= predicates.size()) refuse_malformed("its predicate does not exist");
        check_variable(predicates[predicate].variable);
    }

    void check_variable(std::uint32_t variable) const {
        if (variable >= objects_.variables) refuse_malformed("its variable does not exist");
    }

    void check_rules() const {
        const Operation& now = operation();
        const Body& body = bodies_.back();
        if (body.vfork_child) check_vfork_child(now.kind);
        if (now.kind == OperationKind::job && body.in_job)
            refuse("a job cannot stand in a job: a task does one after the other");
        if (is_carried(body.kind)) {
            switch (now.kind) {
            case OperationKind::job:
                refuse(
                    fmt::format("a {} has no jobs: only what the kernel schedules is released and has deadlines; make "
                                "it a thread",
                                name_of(body.kind)));
            case OperationKind::fork:
            case OperationKind::vfork:
            case OperationKind::clone:
                refuse(
                    fmt::format("a {0} cannot {1}: it would copy its thread with every {0} on it; {1} in a thread or "
                                "a process",
                                name_of(body.kind), name_of(now.kind)));
            case OperationKind::exec:
                refuse(fmt::format("a {0} cannot exec: it would replace its thread with every {0} on it; exec in a "
                                   "forked child of a process",
                                   name_of(body.kind)));
            case OperationKind::observe:
                refuse(fmt::format("a {} cannot observe: the kernel counts the faults of its thread with every {} on "
                                   "it; observe in a thread or a process",
                                   name_of(body.kind), name_of(body.kind)));
            default: break;
            }
        } else if (now.asynchronous) {
            refuse(fmt::format("a {0} cannot {1} asynchronously: it has no event loop to go on meanwhile; let it {1} "
                               "like others, or make it a coroutine",
                               name_of(body.kind), name_of(now.kind)));
        }
        if (now.asynchronous && !may_be_asynchronous(now.kind)) refuse_malformed("it never waits asynchronously");
        if (now.kind == OperationKind::spawn && is_carried(now.task_kind) && now.task_kind != body.kind)
            refuse(fmt::format("a {0} cannot spawn a {1}: a {1} is started by another of its event loop; write it as a "
                               "task of its own",
                               name_of(body.kind), name_of(now.task_kind)));
    }

    void check_vfork_child(OperationKind kind) const {
        switch (kind) {
        case OperationKind::compute:
        case OperationKind::system_call:
        case OperationKind::touch:
        case OperationKind::observe:
        case OperationKind::exec:
        case OperationKind::exit: return;
        default:
            refuse(fmt::format("the child of a vfork cannot '{}': it runs in its parent's memory and may only compute, "
                               "touch and observe memory, enter the kernel, exec or exit, see vfork(2); use 'fork'",
                               name_of(kind)));
        }
    }

    // Names of children: what they stand for, and that join and wait name what this task has started.
    void check_children() {
        const Operation& now = operation();
        std::vector<ChildKind>& children = bodies_.back().children;
        if (const ChildKind started = child_of(now); started != ChildKind::none) {
            ChildKind& known = children[now.slot];
            if (known != ChildKind::none && known != started)
                refuse(fmt::format("'{}' names both a thread and a process: give them two names",
                                   program_.slots[now.slot]));
            known = started;
        }
        const bool joins = now.kind == OperationKind::join;
        const bool waits = now.kind == OperationKind::wait && now.slot != no_slot;
        if (!joins && !waits) return;
        const ChildKind child = children[now.slot];
        const std::string& name = program_.slots[now.slot];
        if (child == ChildKind::none) refuse_stranger(name, joins ? ChildKind::thread : ChildKind::process);
        if (joins && child == ChildKind::process)
            refuse(fmt::format("join: '{}' is a process, which is waited for: write 'wait'", name));
        if (waits && child == ChildKind::thread)
            refuse(fmt::format("wait: '{}' is no process, and is joined: write 'join'", name));
    }

    [[noreturn]] void refuse_stranger(std::string_view name, ChildKind wanted) const {
        std::vector<std::string_view> known;
        const std::vector<ChildKind>& children = bodies_.back().children;
        for (std::size_t slot = 0; slot < children.size(); ++slot)
            if (children[slot] == wanted) known.push_back(program_.slots[slot]);
        refuse(fmt::format("{0}: '{1}' is not a child of this task{2}: {0} what the task itself has started further up",
                           name_of(operation().kind), name, suggestion(name, known)));
    }

    void enter() {
        const Operation& now = operation();
        const Body& around = bodies_.back();
        const bool is_loop = now.kind == OperationKind::repeat;
        const bool is_same_task = is_loop || is_decision(now.kind) || now.kind == OperationKind::job;
        Body body{.opener = now.kind,
                  .begin = at_ + 1,
                  .end = now.target,
                  .kind = around.kind,
                  .vfork_child = now.kind == OperationKind::vfork,
                  .last = at_,
                  .repeats = around.repeats + (is_loop ? 1u : 0u),
                  .in_job = now.kind == OperationKind::job || (is_same_task && around.in_job),
                  .children =
                      is_same_task ? around.children : std::vector<ChildKind>(program_.slots.size(), ChildKind::none)};
        switch (child_of(now)) {
        case ChildKind::process: body.kind = TaskKind::process; break;
        case ChildKind::thread: body.kind = now.kind == OperationKind::spawn ? now.task_kind : TaskKind::thread; break;
        case ChildKind::none: break;
        }
        if (body.repeats > most_repeat_depth)
            refuse(fmt::format("repeats go at most {} deep: write one with more rounds", most_repeat_depth));
        if (body.repeats > program_.repeat_depth) refuse_malformed("it is deeper than Program::repeat_depth says");
        bodies_.push_back(std::move(body));
    }

    // What a loop's body has started, the task around it has; and so has the child of a fork that runs on.
    void leave() {
        const Body body = std::move(bodies_.back());
        bodies_.pop_back();
        const std::uint32_t opener = body.begin - 1;
        const bool is_empty = body.last == opener; // then that is what stands as its last
        const bool has_ended = !is_empty && ends(body);
        if (body.opener == OperationKind::repeat) {
            if (!is_empty && body.last == body.begin && program_.code[body.last].kind == OperationKind::repeat_end)
                refuse("repeat: there is nothing to repeat: put an operation into it", opener);
            if (!has_ended && program_.code[body.last].kind != OperationKind::repeat_end)
                refuse_malformed(opener, "its body does not end with 'repeat_end'");
        } else if (body.opener == OperationKind::job) {
            if (!has_ended && program_.code[body.last].kind != OperationKind::job_end)
                refuse_malformed(opener, "its body does not end with 'job_end'");
        } else if (is_decision(body.opener)) {
            if (has_ended) return;
        } else {
            if (!has_ended && body.opener != OperationKind::fork)
                refuse_malformed(opener, "its body does not end with 'end' or 'exit'");
            if (has_ended) return;
        }
        std::vector<ChildKind>& children = bodies_.back().children;
        for (std::size_t slot = 0; slot < children.size(); ++slot)
            if (children[slot] == ChildKind::none) children[slot] = body.children[slot];
    }

    const Program& program_;
    const SharedObjects& objects_;
    std::vector<Body> bodies_;
    std::uint32_t at_ = 0;
};

} // namespace

void validate(const Program& program, TaskKind kind, const SharedObjects& objects) {
    Inspection(program, kind, objects).run();
}

} // namespace switchyard
