// The words of scenario files: every key, what it takes and what it is about, as data.
//
// The reader checks files against these tables, `--set` walks them, and a reference page or a JSON Schema can be
// printed from them. A new key is one line here and one where it is read.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace switchyard::formats {

// What a key takes.
enum class ValueType : std::uint8_t {
    nothing,
    text,
    integer,
    time,
    size,
    share,
    figure,        // in the unit of what it is about
    name,          // of something the scenario defines
    optional_name, // likewise, or nothing
    boolean,       // true or false
    words,         // a list of fixed words
    texts,         // a list of texts
    integers,      // a list of integers
    figures,       // a list of figures
    drawn_time,    // a time, or a distribution of times
    drawn_count,   // a count, or a distribution of counts
    time_or_map,   // a drawn time, or the map described
    size_or_map,
    figure_or_map,
    name_or_map,
    integer_or_map,
    values_or_map, // a list of values, or the map described
    map,           // the map described
    operations,    // a list of operations
};

// What a value of that type may look like, and how a message asks for it.
struct ValueDescription {
    std::string_view wanted; // "a time with its unit (10s, 250us)"
    bool scalar = false;
    bool list = false;
    bool map = false;
};
[[nodiscard]] const ValueDescription& describe(ValueType type);

struct MapDescription;

struct KeyDescription {
    std::string_view name;
    ValueType type = ValueType::text;
    std::string_view about;
    bool required = false;
    const MapDescription* map = nullptr; // where the value is a map or may be one
};

// Which keys a map takes besides those listed.
enum class OtherKeys : std::uint8_t {
    none,
    names, // chosen by the author: tasks, semaphores. Each must be in the file before `--set` can name it
    free,  // read by somebody else: a policy's parameters, metrics. `--set` may add them
};

struct MapDescription {
    std::string_view name; // as messages name it: "'machine'", "a task"
    std::string_view about;
    std::span<const KeyDescription> keys;
    OtherKeys others = OtherKeys::none;
    KeyDescription other = {};    // what such a key takes
    std::string_view one_of = {}; // not empty: exactly one of the keys is given, and this is what it is ("operation")

    [[nodiscard]] const KeyDescription* find(std::string_view key) const;
};

// A whole scenario, one item of a `do:` list, and a distribution; all else is reached from these.
extern const MapDescription scenario_map;
extern const MapDescription operation_map;
extern const MapDescription distribution_map;

// The map that the value of `key` is, were it a map with that first key; nullptr where it cannot be one.
// (`sleep: {exponential: ...}` is a distribution, `sleep: {for: ...}` is not.)
[[nodiscard]] const MapDescription* map_of(const KeyDescription& key, std::string_view first_key);

} // namespace switchyard::formats
