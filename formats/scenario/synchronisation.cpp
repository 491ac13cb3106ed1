#include "formats/scenario/synchronisation.hpp"

#include "formats/scenario/operations.hpp"
#include "formats/scenario/values.hpp"
#include "models/scenario/scheduling.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>

namespace switchyard::formats {

namespace {

constexpr std::int64_t most_of_a_futex = std::numeric_limits<std::int32_t>::max();

std::int64_t read_any_integer(const Node& node) {
    return read_integer(node, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
}

Lock read_lock(const Node& node) {
    Lock lock;
    lock.name = node.key;
    lock.kind = read_enumeration<LockKind, lock_kinds>(node.is_map() ? *node.find("kind") : node, "kind of lock");
    if (const Node* protocol = node.find("protocol"))
        lock.protocol = read_enumeration<LockProtocol, lock_protocols>(*protocol, "protocol");
    if (const Node* ceiling = node.find("ceiling"))
        lock.ceiling = static_cast<std::int32_t>(read_integer(*ceiling, 1, most_of_a_futex));
    if (const Node* prefers = node.find("prefers"))
        lock.prefers = read_enumeration<Preference, preferences>(*prefers, "preference");
    if (const Node* spin = node.find("spin")) lock.spin = read_time(*spin);
    if (const Node* interval = node.find("switch_interval")) lock.switch_interval = read_time(*interval);
    if (const Node* robust = node.find("robust")) lock.robust = read_boolean(*robust);
    placed(node.location(), [&] { validate(lock); });
    return lock;
}

ProgramBuilder::Body body_of(const Node* list) {
    if (!list) return {};
    return [list](ProgramBuilder& program) { read_operations(*list, program); };
}

} // namespace

std::vector<Semaphore> read_semaphores(const Node& node) {
    std::vector<Semaphore> semaphores;
    for (const Node& child : node.children) semaphores.push_back({child.key, read_integer(child, 0, most_of_a_futex)});
    return semaphores;
}

std::vector<Lock> read_locks(const Node& node) {
    std::vector<Lock> locks;
    for (const Node& child : node.children) locks.push_back(read_lock(child));
    return locks;
}

std::uint32_t read_interpreter(const Node& node, const std::vector<Lock>& locks) {
    const auto found = std::ranges::find(locks, node.text, &Lock::name);
    if (found != locks.end()) return static_cast<std::uint32_t>(found - locks.begin());
    std::vector<std::string_view> names;
    for (const Lock& lock : locks)
        if (lock.kind == LockKind::interpreter) names.push_back(lock.name);
    throw InputError(fmt::format("no interpreter is called '{}'{}: declare it under 'locks', 'kind: interpreter'",
                                 node.text, suggestion(node.text, names)),
                     node.location());
}

std::vector<Condition> read_conditions(const Node& list) {
    std::vector<Condition> conditions;
    for (const Node& item : list.children) conditions.push_back({item.text});
    return conditions;
}

std::vector<Barrier> read_barriers(const Node& node) {
    std::vector<Barrier> barriers;
    for (const Node& child : node.children)
        barriers.push_back({child.key, static_cast<std::uint32_t>(read_integer(child, 1, most_of_a_futex))});
    return barriers;
}

std::vector<Variable> read_variables(const Node& node) {
    std::vector<Variable> variables;
    for (const Node& child : node.children) {
        const Node* initial = child.is_map() ? child.find("initial") : &child;
        const Node* atomic = child.find("atomic");
        variables.push_back(
            {child.key, initial ? read_any_integer(*initial) : 0, atomic != nullptr && read_boolean(*atomic)});
    }
    return variables;
}

void read_try_lock(const Node& value, ProgramBuilder& program) {
    program.try_lock(value.find("lock")->text, body_of(value.find("do")), body_of(value.find("else")));
}

void read_await(const Node& value, ProgramBuilder& program) {
    const Node* until = value.find("until");
    program.await(value.find("condition")->text, value.find("lock")->text,
                  until ? std::string_view(until->text) : std::string_view());
}

void read_write(const Node& value, ProgramBuilder& program) {
    program.write(value.find("variable")->text, read_any_integer(*value.find("value")));
}

void read_add(const Node& value, ProgramBuilder& program) {
    const Node& variable = value.is_map() ? *value.find("variable") : value;
    const Node* by = value.find("by");
    program.add(variable.text, by ? read_any_integer(*by) : 1);
}

void read_if(const Node& value, ProgramBuilder& program) {
    program.branch(value.find("when")->text, body_of(value.find("do")), body_of(value.find("else")));
}

void read_while(const Node& value, ProgramBuilder& program) {
    program.repeat_while(value.find("when")->text, body_of(value.find("do")));
}

} // namespace switchyard::formats
