#include "formats/scenario/operations.hpp"

#include "formats/scenario/values.hpp"

#include <array>
#include <string>

namespace switchyard::formats {

TaskKind read_task_kind(const Node& node) {
    std::array<std::string_view, task_kinds> words;
    for (std::size_t i = 0; i < words.size(); ++i) words[i] = name_of(static_cast<TaskKind>(i));
    return static_cast<TaskKind>(read_word(node, "kind", words));
}

namespace {

using Body = ProgramBuilder::Body;

Body body_of(const Node& list, const std::string& scenario_file) {
    return [&list, &scenario_file](ProgramBuilder& program) { read_operations(list, program, scenario_file); };
}

bool read_asynchronous(const Node* style) {
    static constexpr std::array<std::string_view, 2> words{"blocking", "asynchronous"};
    return style && read_word(*style, "style", words) == 1;
}

Afterwards read_afterwards(const Node* then) {
    static constexpr std::array<std::string_view, 2> words{"exit", "continue"};
    return then && read_word(*then, "word after 'then'", words) == 1 ? Afterwards::continues : Afterwards::exits;
}

bool read_shares_memory(const Node* shares) {
    static constexpr std::array<std::string_view, 1> words{"memory"};
    if (!shares) return false;
    for (const Node& word : shares->children) static_cast<void>(read_word(word, "share", words));
    return !shares->children.empty();
}

// The name a child gets; `any` is what `wait` calls all of them.
const std::string& read_child_name(const Node& map) {
    const Node& name = *map.find("as");
    if (name.text == "any")
        throw InputError("a child cannot be called 'any': 'wait: any' waits for whichever", name.location());
    return name.text;
}

void read_sleep(const Node& value, ProgramBuilder& program) {
    const Node* length = value.find("for"); // absent: a plain time or a distribution
    program.sleep(read_distribution(length ? *length : value, DrawnUnit::time), read_asynchronous(value.find("style")));
}

void read_wait(const std::string& child, ProgramBuilder& program) {
    if (child.empty() || child == "any")
        program.wait_any();
    else
        program.wait(child);
}

// Where an error belongs that the program's builder finds: the name in question.
const Node& named_in(const Node& value) {
    for (const std::string_view key : {"as", "to", "from", "times"})
        if (const Node* name = value.find(key)) return *name;
    return value;
}

void read_operation(const std::string& word, const Node& value, ProgramBuilder& program, const std::string& file) {
    const auto child = [&](std::string_view key) { return body_of(*value.find(key), file); };
    if (word == "compute")
        program.compute(read_distribution(value, DrawnUnit::time));
    else if (word == "sleep")
        read_sleep(value, program);
    else if (word == "yield")
        program.yield();
    else if (word == "system_call")
        program.system_call();
    else if (word == "fork")
        program.fork(read_child_name(value), child("child"), read_afterwards(value.find("then")));
    else if (word == "vfork")
        program.vfork(read_child_name(value), child("child"));
    else if (word == "clone")
        program.clone(read_child_name(value), read_shares_memory(value.find("shares")), child("child"));
    else if (word == "exec")
        program.exec(body_of(value, file));
    else if (word == "spawn") {
        const Node* kind = value.find("kind");
        program.spawn(value.find("as")->text, kind ? read_task_kind(*kind) : TaskKind::thread, child("do"));
    } else if (word == "join")
        program.join(value.text);
    else if (word == "wait")
        read_wait(value.text, program);
    else if (word == "exit")
        program.exit();
    else if (word == "crash")
        program.crash();
    else if (word == "repeat")
        program.repeat(read_distribution(*value.find("times"), DrawnUnit::count), child("do"));
    else if (word == "acquire")
        program.acquire(value.text);
    else if (word == "release")
        program.release(value.text);
    else if (word == "send")
        program.send(value.find("to")->text, read_size(*value.find("size")));
    else if (word == "receive")
        program.receive(value.find("from")->text, read_size(*value.find("size")));
    else
        throw InputError("operation " + shown(word) + " has no reader"); // a key of the table left out here
}

} // namespace

void read_operations(const Node& list, ProgramBuilder& program, const std::string& scenario_file) {
    static const Node nothing;
    for (const Node& item : list.children) {
        const bool bare = item.is_scalar();
        const Node& value = bare ? nothing : item.children.front();
        const SourceLocation where = bare ? item.location() : value.key_location();
        program.at(where.file == scenario_file ? SourceLocation{"", where.line, where.column} : where);
        try {
            read_operation(bare ? item.text : value.key, value, program, scenario_file);
        } catch (const InputError& error) {
            throw error.at(bare ? where : named_in(value).location());
        }
    }
}

} // namespace switchyard::formats
