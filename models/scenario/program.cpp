#include "models/scenario/program.hpp"

#include "models/scenario/memory_validation.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

namespace switchyard {

std::string_view name_of(TaskKind kind) {
    static constexpr std::array<std::string_view, task_kinds> names{"process", "thread", "coroutine", "fiber"};
    return names[static_cast<std::size_t>(kind)];
}

std::string_view name_of(OperationKind kind) {
    static constexpr std::array<std::string_view, operation_kinds> names{
        "compute", "sleep",      "yield",   "system_call", "fork",   "vfork",       "clone",      "exec",    "spawn",
        "join",    "wait",       "exit",    "end",         "crash",  "repeat",      "repeat_end", "acquire", "release",
        "send",    "receive",    "job",     "job_end",     "lock",   "lock_shared", "try_lock",   "unlock",  "await",
        "notify",  "notify_all", "arrive",  "read",        "write",  "add",         "branch",     "jump",    "map",
        "unmap",   "remap",      "protect", "brk",         "advise", "touch",       "observe"};
    return names[static_cast<std::size_t>(kind)];
}

ProgramBuilder::ProgramBuilder(ObjectNames objects) : objects_(std::move(objects)) {}

// --- One operation -----------------------------------------------------------------------------------------------

Operation& ProgramBuilder::append(OperationKind kind) {
    if (replaced_)
        throw InputError(fmt::format("'{}' after 'exec' is never reached: exec replaces the program that would go on; "
                                     "put it into the image, or exec in a child",
                                     name_of(kind)));
    if (program_.code.size() >= most_operations)
        throw InputError(fmt::format("a program has at most {} operations: write a 'repeat'", most_operations));
    program_.locations.push_back(where_);
    program_.code.push_back({.kind = kind});
    return program_.code.back();
}

std::uint32_t ProgramBuilder::amount(Distribution distribution, std::string_view what) {
    try {
        validate(distribution);
    } catch (const InputError& error) {
        throw InputError(fmt::format("{}: {}", what, error.message()));
    }
    program_.amounts.push_back(std::move(distribution));
    return static_cast<std::uint32_t>(program_.amounts.size() - 1);
}

// Validated with the operation it is for, so that the message names it.
static Distribution always(Duration value) { return {.kind = Distribution::Kind::constant, .value = value.count()}; }

ProgramBuilder& ProgramBuilder::compute(Duration work) { return compute(always(work)); }

ProgramBuilder& ProgramBuilder::compute(Distribution work) {
    const std::uint32_t index = amount(std::move(work), "compute");
    append(OperationKind::compute).amount = index;
    return *this;
}

ProgramBuilder& ProgramBuilder::append_compute(Distribution work, WorkingSet over) {
    compute(std::move(work));
    program_.working_sets.push_back(over);
    program_.code.back().object = static_cast<std::uint32_t>(program_.working_sets.size() - 1);
    check_working_set(program_, program_.code.back());
    return *this;
}

ProgramBuilder& ProgramBuilder::compute_over(std::string_view name, Distribution work) {
    return append_compute(std::move(work), {region(name), {}});
}

ProgramBuilder& ProgramBuilder::compute_over(std::string_view name, Duration work) {
    return compute_over(name, always(work));
}

ProgramBuilder& ProgramBuilder::compute_over(Bytes size, Distribution work) {
    return append_compute(std::move(work), {no_region, size});
}

ProgramBuilder& ProgramBuilder::compute_over(Bytes size, Duration work) { return compute_over(size, always(work)); }

ProgramBuilder& ProgramBuilder::sleep(Duration length, bool asynchronous) {
    return sleep(always(length), asynchronous);
}

ProgramBuilder& ProgramBuilder::sleep(Distribution length, bool asynchronous) {
    const std::uint32_t index = amount(std::move(length), "sleep");
    Operation& operation = append(OperationKind::sleep);
    operation.amount = index;
    operation.asynchronous = asynchronous;
    return *this;
}

ProgramBuilder& ProgramBuilder::yield() { return append(OperationKind::yield), *this; }
ProgramBuilder& ProgramBuilder::system_call() { return append(OperationKind::system_call), *this; }
ProgramBuilder& ProgramBuilder::exit() { return append(OperationKind::exit), *this; }
ProgramBuilder& ProgramBuilder::crash() { return append(OperationKind::crash), *this; }
ProgramBuilder& ProgramBuilder::wait_any() { return append(OperationKind::wait), *this; }

// --- Children ----------------------------------------------------------------------------------------------------

// Slots are few: what one program calls its children.
std::uint32_t ProgramBuilder::slot(std::string_view name) {
    if (name.empty()) throw InputError("a child needs a name");
    const auto found = std::find(program_.slots.begin(), program_.slots.end(), name);
    if (found != program_.slots.end()) return static_cast<std::uint32_t>(found - program_.slots.begin());
    if (program_.slots.size() >= most_named_children)
        throw InputError(fmt::format("a program names at most {} children: use names again", most_named_children));
    program_.slots.emplace_back(name);
    return static_cast<std::uint32_t>(program_.slots.size() - 1);
}

std::uint32_t ProgramBuilder::known_slot(std::string_view name, std::string_view verb) const {
    const auto found = std::find(program_.slots.begin(), program_.slots.end(), name);
    if (found != program_.slots.end()) return static_cast<std::uint32_t>(found - program_.slots.begin());
    const std::vector<std::string_view> names(program_.slots.begin(), program_.slots.end());
    throw InputError(fmt::format("{}: no child is called '{}' here{}: name one that was started before", verb, name,
                                 suggestion(name, names)));
}

// Writes a body between what opens it and what follows; answers where that is.
std::uint32_t ProgramBuilder::opened(std::uint32_t opener, const Body& body, std::optional<OperationKind> last) {
    const bool replaced = std::exchange(replaced_, false);
    const SourceLocation where = where_;
    if (body) body(*this);
    where_ = where;
    if (last && !replaced_) append(*last);
    replaced_ = replaced;
    return program_.code[opener].target = static_cast<std::uint32_t>(program_.code.size());
}

ProgramBuilder& ProgramBuilder::fork(std::string_view name, const Body& child, Afterwards afterwards) {
    const auto opener = static_cast<std::uint32_t>(program_.code.size());
    append(OperationKind::fork).slot = slot(name);
    opened(opener, child, afterwards == Afterwards::exits ? std::optional(OperationKind::exit) : std::nullopt);
    return *this;
}

ProgramBuilder& ProgramBuilder::vfork(std::string_view name, const Body& child) {
    const auto opener = static_cast<std::uint32_t>(program_.code.size());
    append(OperationKind::vfork).slot = slot(name);
    opened(opener, child, OperationKind::exit);
    return *this;
}

ProgramBuilder& ProgramBuilder::clone(std::string_view name, bool shares_memory, const Body& child) {
    const auto opener = static_cast<std::uint32_t>(program_.code.size());
    Operation& operation = append(OperationKind::clone);
    operation.slot = slot(name);
    operation.shares_memory = shares_memory;
    opened(opener, child, shares_memory ? OperationKind::end : OperationKind::exit);
    return *this;
}

ProgramBuilder& ProgramBuilder::exec(const Body& image) {
    const auto opener = static_cast<std::uint32_t>(program_.code.size());
    append(OperationKind::exec);
    opened(opener, image, OperationKind::exit);
    replaced_ = true;
    return *this;
}

ProgramBuilder& ProgramBuilder::spawn(std::string_view name, TaskKind kind, const Body& task) {
    if (kind == TaskKind::process)
        throw InputError("spawn makes threads, coroutines and fibers: a process is made by 'fork', 'vfork' or 'clone'");
    const auto opener = static_cast<std::uint32_t>(program_.code.size());
    Operation& operation = append(OperationKind::spawn);
    operation.slot = slot(name);
    operation.task_kind = kind;
    opened(opener, task, OperationKind::end);
    return *this;
}

ProgramBuilder& ProgramBuilder::join(std::string_view name) {
    const std::uint32_t index = known_slot(name, "join");
    append(OperationKind::join).slot = index;
    return *this;
}

ProgramBuilder& ProgramBuilder::wait(std::string_view name) {
    const std::uint32_t index = known_slot(name, "wait");
    append(OperationKind::wait).slot = index;
    return *this;
}

// --- Loops -------------------------------------------------------------------------------------------------------

ProgramBuilder& ProgramBuilder::repeat(std::int64_t times, const Body& body) {
    if (times < 0) throw InputError(fmt::format("repeat: {} times is not possible: write 0 or more", times));
    return repeat(Distribution::constant(times), body);
}

ProgramBuilder& ProgramBuilder::repeat(Distribution times, const Body& body) {
    if (depth_ == most_repeat_depth)
        throw InputError(fmt::format("repeats go at most {} deep: write one with more rounds", most_repeat_depth));
    const auto opener = static_cast<std::uint32_t>(program_.code.size());
    const std::uint32_t index = amount(std::move(times), "repeat");
    append(OperationKind::repeat).amount = index;
    program_.repeat_depth = std::max(program_.repeat_depth, ++depth_);
    if (opened(opener, body, OperationKind::repeat_end) == opener + 2)
        throw InputError("repeat: there is nothing to repeat: put an operation into it");
    if (Operation& last = program_.code.back(); last.kind == OperationKind::repeat_end) last.target = opener + 1;
    --depth_;
    return *this;
}

// --- Jobs --------------------------------------------------------------------------------------------------------

ProgramBuilder& ProgramBuilder::job(Duration after, const Body& body) { return job(always(after), body); }

ProgramBuilder& ProgramBuilder::job(Distribution after, const Body& body) {
    const auto opener = static_cast<std::uint32_t>(program_.code.size());
    const std::uint32_t index = amount(std::move(after), "job");
    append(OperationKind::job).amount = index;
    if (opened(opener, body, OperationKind::job_end) == opener + 2)
        throw InputError("job: there is nothing to do in it: put an operation into it");
    if (Operation& last = program_.code.back(); last.kind == OperationKind::job_end)
        last.target = static_cast<std::uint32_t>(program_.code.size());
    return *this;
}

// --- What tasks share --------------------------------------------------------------------------------------------

std::uint32_t ProgramBuilder::object(std::string_view name, const std::vector<std::string>& names,
                                     std::string_view kind) const {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) return static_cast<std::uint32_t>(found - names.begin());
    const std::vector<std::string_view> candidates(names.begin(), names.end());
    throw InputError(fmt::format("no {0} is called '{1}'{2}: declare it among the {0}s of the scenario", kind, name,
                                 suggestion(name, candidates)));
}

ProgramBuilder& ProgramBuilder::acquire(std::string_view semaphore, bool asynchronous) {
    const std::uint32_t index = object(semaphore, objects_.semaphores, "semaphore");
    Operation& operation = append(OperationKind::acquire);
    operation.object = index;
    operation.asynchronous = asynchronous;
    return *this;
}

ProgramBuilder& ProgramBuilder::release(std::string_view semaphore) {
    const std::uint32_t index = object(semaphore, objects_.semaphores, "semaphore");
    append(OperationKind::release).object = index;
    return *this;
}

ProgramBuilder& ProgramBuilder::send(std::string_view pipe, Bytes size) {
    if (size.count <= 0) throw InputError(fmt::format("send: {} bytes cannot be sent: send at least 1", size.count));
    const std::uint32_t index = object(pipe, objects_.pipes, "pipe");
    const std::uint32_t bytes = amount(Distribution::constant(size.count), "send");
    Operation& operation = append(OperationKind::send);
    operation.amount = bytes;
    operation.object = index;
    return *this;
}

ProgramBuilder& ProgramBuilder::receive(std::string_view pipe, Bytes size) {
    if (size.count <= 0)
        throw InputError(fmt::format("receive: {} bytes cannot be received: receive at least 1", size.count));
    const std::uint32_t index = object(pipe, objects_.pipes, "pipe");
    const std::uint32_t bytes = amount(Distribution::constant(size.count), "receive");
    Operation& operation = append(OperationKind::receive);
    operation.amount = bytes;
    operation.object = index;
    return *this;
}

// --- The whole ---------------------------------------------------------------------------------------------------

ProgramBuilder& ProgramBuilder::at(const SourceLocation& where) {
    where_ = {.file = {}, .line = where.line, .column = where.column};
    return *this;
}

Program ProgramBuilder::build() {
    // After an exec this is never reached, but every program has an end.
    replaced_ = false;
    append(OperationKind::end);
    Program finished = std::exchange(program_, {});
    where_ = {};
    depth_ = 0;
    return finished;
}

} // namespace switchyard
