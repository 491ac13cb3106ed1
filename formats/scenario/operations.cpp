#include "formats/scenario/operations.hpp"

#include "formats/scenario/communication.hpp"
#include "formats/scenario/memory.hpp"
#include "formats/scenario/synchronisation.hpp"
#include "formats/scenario/values.hpp"

#include <array>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace switchyard::formats {

TaskKind read_task_kind(const Node& node) {
    std::array<std::string_view, task_kinds> words;
    for (std::size_t i = 0; i < words.size(); ++i) words[i] = name_of(static_cast<TaskKind>(i));
    return static_cast<TaskKind>(read_word(node, "kind", words));
}

namespace {

using Body = ProgramBuilder::Body;

Body body_of(const Node& list) {
    return [&list](ProgramBuilder& program) { read_operations(list, program); };
}

// The object of an operation that is written with its name alone, or as a map that has more to say.
const std::string& read_object(const Node& value, std::string_view key) {
    const Node* name = value.find(key);
    return name ? name->text : value.text;
}

bool read_is_asynchronous(const Node& value) {
    const Node* asynchronous = value.find("asynchronous");
    return asynchronous && read_boolean(*asynchronous);
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

// A size begins with a digit, the name of a region does not.
void read_compute(const Node& value, ProgramBuilder& program) {
    const Node* work = value.find("work"); // absent: a plain time or a distribution
    if (const std::optional<OfRequest> amount = read_of_request(value)) {
        program.compute(*amount);
        return;
    }
    Distribution length = read_distribution(work ? *work : value, DrawnUnit::time);
    const Node* over = work ? value.find("over") : nullptr;
    if (!over)
        program.compute(std::move(length));
    else if (!over->text.empty() && over->text.front() >= '0' && over->text.front() <= '9')
        program.compute_over(read_size(*over), std::move(length));
    else
        program.compute_over(over->text, std::move(length));
}

void read_sleep(const Node& value, ProgramBuilder& program) {
    const Node* length = value.find("for"); // absent: a plain time or a distribution
    const Node& amount = length ? *length : value;
    const bool asynchronous = read_asynchronous(value.find("style"));
    if (const std::optional<OfRequest> of_request = read_of_request(amount))
        program.sleep(*of_request, asynchronous);
    else
        program.sleep(read_distribution(amount, DrawnUnit::time), asynchronous);
}

void read_wait(const std::string& child, ProgramBuilder& program) {
    if (child.empty() || child == "any")
        program.wait_any();
    else
        program.wait(child);
}

// Where an error belongs that the program's builder finds: at the name in question if there is one.
SourceLocation place_of(const Node& item) {
    if (item.is_scalar()) return item.location();
    const Node& value = item.children.front();
    for (const std::string_view key : {"as", "to", "from", "receive", "channel", "device", "region", "over", "variable",
                                       "when", "until", "lock", "semaphore"})
        if (const Node* name = value.find(key)) return name->location();
    return value.is_scalar() ? value.location() : value.key_location();
}

// How each operation of the table (keys.hpp) is written into a program.
struct OperationReader {
    std::string_view word;
    void (*read)(const Node& value, ProgramBuilder& program);
};

constexpr std::array operation_readers{
    OperationReader{"compute", read_compute},
    OperationReader{"sleep", [](const Node& value, ProgramBuilder& program) { read_sleep(value, program); }},
    OperationReader{"yield", [](const Node&, ProgramBuilder& program) { program.yield(); }},
    OperationReader{"system_call", [](const Node&, ProgramBuilder& program) { program.system_call(); }},
    OperationReader{"fork",
                    [](const Node& value, ProgramBuilder& program) {
                        program.fork(read_child_name(value), body_of(*value.find("child")),
                                     read_afterwards(value.find("then")));
                    }},
    OperationReader{"vfork",
                    [](const Node& value, ProgramBuilder& program) {
                        program.vfork(read_child_name(value), body_of(*value.find("child")));
                    }},
    OperationReader{"clone",
                    [](const Node& value, ProgramBuilder& program) {
                        program.clone(read_child_name(value), read_shares_memory(value.find("shares")),
                                      body_of(*value.find("child")));
                    }},
    OperationReader{"exec", [](const Node& value, ProgramBuilder& program) { program.exec(body_of(value)); }},
    OperationReader{"spawn",
                    [](const Node& value, ProgramBuilder& program) {
                        const Node* kind = value.find("kind");
                        program.spawn(value.find("as")->text, kind ? read_task_kind(*kind) : TaskKind::thread,
                                      body_of(*value.find("do")));
                    }},
    OperationReader{"join", [](const Node& value, ProgramBuilder& program) { program.join(value.text); }},
    OperationReader{"wait", [](const Node& value, ProgramBuilder& program) { read_wait(value.text, program); }},
    OperationReader{"exit", [](const Node&, ProgramBuilder& program) { program.exit(); }},
    OperationReader{"crash", [](const Node&, ProgramBuilder& program) { program.crash(); }},
    OperationReader{"repeat",
                    [](const Node& value, ProgramBuilder& program) {
                        const Node& times = *value.find("times");
                        if (const std::optional<OfRequest> amount = read_of_request(times))
                            program.repeat(*amount, body_of(*value.find("do")));
                        else
                            program.repeat(read_distribution(times, DrawnUnit::count), body_of(*value.find("do")));
                    }},
    OperationReader{"job",
                    [](const Node& value, ProgramBuilder& program) {
                        program.job(read_distribution(*value.find("after"), DrawnUnit::time),
                                    body_of(*value.find("do")));
                    }},
    OperationReader{"acquire",
                    [](const Node& value, ProgramBuilder& program) {
                        program.acquire(read_object(value, "semaphore"), read_is_asynchronous(value));
                    }},
    OperationReader{"release", [](const Node& value, ProgramBuilder& program) { program.release(value.text); }},
    OperationReader{"lock",
                    [](const Node& value, ProgramBuilder& program) {
                        program.lock(read_object(value, "lock"), read_is_asynchronous(value));
                    }},
    OperationReader{"lock_shared",
                    [](const Node& value, ProgramBuilder& program) {
                        program.lock_shared(read_object(value, "lock"), read_is_asynchronous(value));
                    }},
    OperationReader{"try_lock", read_try_lock},
    OperationReader{"unlock", [](const Node& value, ProgramBuilder& program) { program.unlock(value.text); }},
    OperationReader{"await", read_await},
    OperationReader{"notify", [](const Node& value, ProgramBuilder& program) { program.notify(value.text); }},
    OperationReader{"notify_all", [](const Node& value, ProgramBuilder& program) { program.notify_all(value.text); }},
    OperationReader{"arrive", [](const Node& value, ProgramBuilder& program) { program.arrive(value.text); }},
    OperationReader{"read", [](const Node& value, ProgramBuilder& program) { program.read(value.text); }},
    OperationReader{"write", read_write},
    OperationReader{"add", read_add},
    OperationReader{"if", read_if},
    OperationReader{"while", read_while},
    OperationReader{"send", read_send},
    OperationReader{"receive", read_receive},
    OperationReader{"for_each", read_for_each},
    OperationReader{"close", read_close},
    OperationReader{"io", read_io},
    OperationReader{"begin_request", [](const Node&, ProgramBuilder& program) { program.begin_request(); }},
    OperationReader{"end_request", [](const Node&, ProgramBuilder& program) { program.end_request(); }},
    OperationReader{"map", read_map},
    OperationReader{"unmap", read_unmap},
    OperationReader{"remap", read_remap},
    OperationReader{"protect", read_protect},
    OperationReader{"brk", read_brk},
    OperationReader{"advise", read_advise},
    OperationReader{"touch", read_touch},
    OperationReader{"observe", read_observe},
};

const OperationReader& reader_of(std::string_view word) {
    for (const OperationReader& reader : operation_readers)
        if (reader.word == word) return reader;
    throw std::logic_error("an operation of the table has no reader");
}

} // namespace

void read_operations(const Node& list, ProgramBuilder& program) {
    static const Node nothing;
    for (const Node& item : list.children) {
        const bool bare = item.is_scalar(); // "yield" and the like
        const Node& value = bare ? nothing : item.children.front();
        program.at(bare ? item.location() : value.key_location());
        placed(place_of(item), [&] { reader_of(bare ? item.text : value.key).read(value, program); });
    }
}

} // namespace switchyard::formats
