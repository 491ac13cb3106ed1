// The part of ProgramBuilder that is about synchronisation, and what follows from what others do.
#include "models/errors.hpp"
#include "models/scenario/program.hpp"

#include <optional>
#include <utility>

namespace switchyard {

ProgramBuilder& ProgramBuilder::append_about(OperationKind kind, std::uint32_t object) {
    append(kind).object = object;
    return *this;
}

ProgramBuilder& ProgramBuilder::lock(std::string_view lock, bool asynchronous) {
    append_about(OperationKind::lock, object(lock, objects_.locks, "lock"));
    program_.code.back().asynchronous = asynchronous;
    return *this;
}

ProgramBuilder& ProgramBuilder::lock_shared(std::string_view lock, bool asynchronous) {
    append_about(OperationKind::lock_shared, object(lock, objects_.locks, "lock"));
    program_.code.back().asynchronous = asynchronous;
    return *this;
}

ProgramBuilder& ProgramBuilder::unlock(std::string_view lock) {
    return append_about(OperationKind::unlock, object(lock, objects_.locks, "lock"));
}

ProgramBuilder& ProgramBuilder::await(std::string_view condition, std::string_view lock, std::string_view until) {
    Await operands;
    operands.condition = object(condition, objects_.conditions, "condition");
    operands.lock = object(lock, objects_.locks, "lock");
    if (!until.empty()) operands.predicate = predicate(until);
    std::vector<Await>& awaits = program_.synchronisation.awaits;
    append_about(OperationKind::await, static_cast<std::uint32_t>(awaits.size()));
    awaits.push_back(operands);
    return *this;
}

ProgramBuilder& ProgramBuilder::notify(std::string_view condition) {
    return append_about(OperationKind::notify, object(condition, objects_.conditions, "condition"));
}

ProgramBuilder& ProgramBuilder::notify_all(std::string_view condition) {
    return append_about(OperationKind::notify_all, object(condition, objects_.conditions, "condition"));
}

ProgramBuilder& ProgramBuilder::arrive(std::string_view barrier) {
    return append_about(OperationKind::arrive, object(barrier, objects_.barriers, "barrier"));
}

ProgramBuilder& ProgramBuilder::read(std::string_view variable) {
    return append_about(OperationKind::read, object(variable, objects_.variables, "variable"));
}

ProgramBuilder& ProgramBuilder::update(OperationKind kind, std::string_view variable, std::int64_t value) {
    const Update operands{object(variable, objects_.variables, "variable"), value};
    std::vector<Update>& updates = program_.synchronisation.updates;
    append_about(kind, static_cast<std::uint32_t>(updates.size()));
    updates.push_back(operands);
    return *this;
}

ProgramBuilder& ProgramBuilder::write(std::string_view variable, std::int64_t value) {
    return update(OperationKind::write, variable, value);
}

ProgramBuilder& ProgramBuilder::add(std::string_view variable, std::int64_t value) {
    return update(OperationKind::add, variable, value);
}

std::uint32_t ProgramBuilder::predicate(std::string_view text) {
    const WrittenPredicate written = parse_predicate(text);
    std::vector<Predicate>& predicates = program_.synchronisation.predicates;
    predicates.push_back({object(written.variable, objects_.variables, "variable"), written.comparison, written.value});
    return static_cast<std::uint32_t>(predicates.size() - 1);
}

ProgramBuilder& ProgramBuilder::alternatives(std::uint32_t opener, const Body& then, const Body& otherwise) {
    if (!then) throw InputError("there is nothing to do: put an operation into it");
    const auto end = [&] { return static_cast<std::uint32_t>(program_.code.size()); };
    if (opened(opener, then, otherwise ? std::optional(OperationKind::jump) : std::nullopt) == opener + 1)
        throw InputError("there is nothing to do: put an operation into it");
    if (!otherwise) return *this;
    const std::uint32_t last_of_then = end() - 1;
    const bool replaced = std::exchange(replaced_, false);
    otherwise(*this);
    replaced_ = replaced;
    if (Operation& last = program_.code[last_of_then]; last.kind == OperationKind::jump) last.target = end();
    return *this;
}

ProgramBuilder& ProgramBuilder::try_lock(std::string_view lock, const Body& then, const Body& otherwise) {
    const auto opener = static_cast<std::uint32_t>(program_.code.size());
    append_about(OperationKind::try_lock, object(lock, objects_.locks, "lock"));
    return alternatives(opener, then, otherwise);
}

ProgramBuilder& ProgramBuilder::branch(std::string_view text, const Body& then, const Body& otherwise) {
    const auto opener = static_cast<std::uint32_t>(program_.code.size());
    append_about(OperationKind::branch, predicate(text));
    return alternatives(opener, then, otherwise);
}

// A body may be empty: then it is waited for on the processor.
ProgramBuilder& ProgramBuilder::repeat_while(std::string_view text, const Body& body) {
    const auto opener = static_cast<std::uint32_t>(program_.code.size());
    append_about(OperationKind::branch, predicate(text));
    opened(opener, body, OperationKind::jump);
    if (Operation& last = program_.code.back(); last.kind == OperationKind::jump) last.target = opener;
    return *this;
}

} // namespace switchyard
