// The part of the table of keys (keys.cpp) that is about what tasks synchronise by, and about decisions.
#pragma once

#include "formats/scenario/keys.hpp"

#include <array>

namespace switchyard::formats {

// operations ---------------------------------------------------------------------------------------------------------

inline constexpr std::array try_lock_keys{
    KeyDescription{"lock", ValueType::name, "the lock", true},
    KeyDescription{"do", ValueType::operations, "what is done with it; 'unlock' is not written by itself", true},
    KeyDescription{"else", ValueType::operations, "what is done where it is taken"},
};
inline constexpr std::array await_keys{
    KeyDescription{"condition", ValueType::name, "what is waited for", true},
    KeyDescription{"lock", ValueType::name, "the mutex that is held, and is given back meanwhile", true},
    KeyDescription{"until", ValueType::text,
                   "a variable compared: 'count > 0'; absent: one notice, whatever it is about"},
};
inline constexpr std::array write_keys{
    KeyDescription{"variable", ValueType::name, "the variable", true},
    KeyDescription{"value", ValueType::integer, "what it becomes", true},
};
inline constexpr std::array add_keys{
    KeyDescription{"variable", ValueType::name, "the variable", true},
    KeyDescription{"by", ValueType::integer, "what is added: 1 by default; may be negative"},
};
inline constexpr std::array if_keys{
    KeyDescription{"when", ValueType::text, "a variable compared: 'count > 0'", true},
    KeyDescription{"do", ValueType::operations, "what is done where it holds", true},
    KeyDescription{"else", ValueType::operations, "what is done where it does not"},
};
inline constexpr std::array while_keys{
    KeyDescription{"when", ValueType::text, "a variable compared: 'done == 0'", true},
    KeyDescription{"do", ValueType::operations, "what is repeated as long as it holds", true},
};
inline constexpr MapDescription try_lock_map{
    .name = "'try_lock'", .about = "an attempt to take a lock", .keys = try_lock_keys};
inline constexpr MapDescription await_map{.name = "'await'", .about = "a wait for a condition", .keys = await_keys};
inline constexpr MapDescription write_map{.name = "'write'", .about = "a new value", .keys = write_keys};
inline constexpr MapDescription add_map{.name = "'add'", .about = "a change", .keys = add_keys};
inline constexpr MapDescription if_map{.name = "'if'", .about = "a decision", .keys = if_keys};
inline constexpr MapDescription while_map{.name = "'while'", .about = "a loop", .keys = while_keys};

// the scenario -------------------------------------------------------------------------------------------------------

inline constexpr std::array lock_keys{
    KeyDescription{"kind", ValueType::text, "mutex, recursive, read-write, spin or interpreter", true},
    KeyDescription{"protocol", ValueType::text, "none, inheritance or ceiling: what becomes of its owner's priority"},
    KeyDescription{"ceiling", ValueType::integer, "the priority its owner has, where that is the protocol"},
    KeyDescription{"prefers", ValueType::text, "read-write: readers or writers"},
    KeyDescription{"spin", ValueType::time, "how long who finds it taken tries before it sleeps"},
    KeyDescription{"switch_interval", ValueType::time,
                   "interpreter: how long who waits lets the holder go on before it asks for the lock"},
    KeyDescription{"robust", ValueType::boolean, "whether the next one gets it when its owner dies"},
};
inline constexpr MapDescription lock_map{.name = "a lock", .about = "who holds it, and who waits", .keys = lock_keys};
inline constexpr MapDescription locks_map{
    .name = "'locks'",
    .about = "locks by name",
    .keys = {},
    .others = OtherKeys::names,
    .other = {"", ValueType::name_or_map, "its kind", false, &lock_map},
};
inline constexpr MapDescription barriers_map{
    .name = "'barriers'",
    .about = "barriers by name",
    .keys = {},
    .others = OtherKeys::names,
    .other = {"", ValueType::integer, "how many have to arrive"},
};
inline constexpr std::array variable_keys{
    KeyDescription{"initial", ValueType::integer, "its value at the beginning: 0 by default"},
    KeyDescription{"atomic", ValueType::boolean, "whether several may touch it at once"},
};
inline constexpr MapDescription variable_map{
    .name = "a variable", .about = "an integer that all tasks see", .keys = variable_keys};
inline constexpr MapDescription variables_map{
    .name = "'variables'",
    .about = "shared variables by name",
    .keys = {},
    .others = OtherKeys::names,
    .other = {"", ValueType::integer_or_map, "its value at the beginning", false, &variable_map},
};

} // namespace switchyard::formats
