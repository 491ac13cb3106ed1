#include "formats/scenario/operations.hpp"

#include "formats/scenario/values.hpp"

#include <array>
#include <stdexcept>
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

// How each operation of the table (keys.hpp) is written into a program.
struct OperationReader {
    std::string_view word;
    void (*read)(const Node& value, ProgramBuilder& program, const std::string& scenario_file);
};

using File = const std::string&;

constexpr std::array operation_readers{
    OperationReader{"compute", [](const Node& value, ProgramBuilder& program,
                                  File) { program.compute(read_distribution(value, DrawnUnit::time)); }},
    OperationReader{"sleep", [](const Node& value, ProgramBuilder& program, File) { read_sleep(value, program); }},
    OperationReader{"yield", [](const Node&, ProgramBuilder& program, File) { program.yield(); }},
    OperationReader{"system_call", [](const Node&, ProgramBuilder& program, File) { program.system_call(); }},
    OperationReader{"fork",
                    [](const Node& value, ProgramBuilder& program, File file) {
                        program.fork(read_child_name(value), body_of(*value.find("child"), file),
                                     read_afterwards(value.find("then")));
                    }},
    OperationReader{"vfork",
                    [](const Node& value, ProgramBuilder& program, File file) {
                        program.vfork(read_child_name(value), body_of(*value.find("child"), file));
                    }},
    OperationReader{"clone",
                    [](const Node& value, ProgramBuilder& program, File file) {
                        program.clone(read_child_name(value), read_shares_memory(value.find("shares")),
                                      body_of(*value.find("child"), file));
                    }},
    OperationReader{"exec",
                    [](const Node& value, ProgramBuilder& program, File file) { program.exec(body_of(value, file)); }},
    OperationReader{"spawn",
                    [](const Node& value, ProgramBuilder& program, File file) {
                        const Node* kind = value.find("kind");
                        program.spawn(value.find("as")->text, kind ? read_task_kind(*kind) : TaskKind::thread,
                                      body_of(*value.find("do"), file));
                    }},
    OperationReader{"join", [](const Node& value, ProgramBuilder& program, File) { program.join(value.text); }},
    OperationReader{"wait", [](const Node& value, ProgramBuilder& program, File) { read_wait(value.text, program); }},
    OperationReader{"exit", [](const Node&, ProgramBuilder& program, File) { program.exit(); }},
    OperationReader{"crash", [](const Node&, ProgramBuilder& program, File) { program.crash(); }},
    OperationReader{"repeat",
                    [](const Node& value, ProgramBuilder& program, File file) {
                        program.repeat(read_distribution(*value.find("times"), DrawnUnit::count),
                                       body_of(*value.find("do"), file));
                    }},
    OperationReader{"acquire", [](const Node& value, ProgramBuilder& program, File) { program.acquire(value.text); }},
    OperationReader{"release", [](const Node& value, ProgramBuilder& program, File) { program.release(value.text); }},
    OperationReader{"send", [](const Node& value, ProgramBuilder& program,
                               File) { program.send(value.find("to")->text, read_size(*value.find("size"))); }},
    OperationReader{"receive", [](const Node& value, ProgramBuilder& program,
                                  File) { program.receive(value.find("from")->text, read_size(*value.find("size"))); }},
};

const OperationReader& reader_of(std::string_view word) {
    for (const OperationReader& reader : operation_readers)
        if (reader.word == word) return reader;
    throw std::logic_error("an operation of the table has no reader");
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
            reader_of(bare ? item.text : value.key).read(value, program, scenario_file);
        } catch (const InputError& error) {
            throw error.at(bare ? where : named_in(value).location());
        }
    }
}

} // namespace switchyard::formats
