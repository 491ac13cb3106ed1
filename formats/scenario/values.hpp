// Single values of a scenario file: times, sizes, integers, words, distributions.
//
// All take a node whose form has been checked (check.hpp) and throw InputError at its place.
#pragma once

#include "formats/yaml/node.hpp"
#include "models/scenario/distribution.hpp"
#include "models/units/size.hpp"
#include "models/units/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace switchyard::formats {

// What `action` returns; an InputError that it throws without a place gets this one.
template <typename Action>
auto placed(const SourceLocation& where, Action action) {
    try {
        return action();
    } catch (const InputError& error) {
        throw error.at(where);
    }
}

[[nodiscard]] Duration read_time(const Node& node);
[[nodiscard]] Bytes read_size(const Node& node);
[[nodiscard]] double read_share(const Node& node);

// A decimal integer between the two, both included.
[[nodiscard]] std::int64_t read_integer(const Node& node, std::int64_t least, std::int64_t most);
[[nodiscard]] std::uint64_t read_unsigned(const Node& node);

// "true" or "false".
[[nodiscard]] bool read_boolean(const Node& node);

// Which of the words it is; `what` is what a message calls such a word.
[[nodiscard]] std::size_t read_word(const Node& node, std::string_view what, std::span<const std::string_view> words);

// Which value of an enumeration whose words `name_of` knows it is, there being `size` of them.
template <class Enumeration, std::size_t size>
Enumeration read_enumeration(const Node& node, std::string_view what) {
    std::array<std::string_view, size> words;
    for (std::size_t i = 0; i < size; ++i) words[i] = name_of(static_cast<Enumeration>(i));
    return static_cast<Enumeration>(read_word(node, what, words));
}

// What a distribution is over: picoseconds, written as times, or plain counts.
enum class DrawnUnit : std::uint8_t { time, count };

// A single value (always the same) or {exponential: {mean: 10ms}} and the like.
[[nodiscard]] Distribution read_distribution(const Node& node, DrawnUnit unit);

} // namespace switchyard::formats
