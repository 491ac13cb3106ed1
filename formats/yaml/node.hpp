// A YAML document as a tree in which everything knows its place in the text.
#pragma once

#include "models/errors.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::formats {

// Line and column, both from 1; the column counts bytes.
struct Mark {
    std::int32_t line = 0;
    std::int32_t column = 0;
};

// A scalar, a sequence or a map. The children of a map carry their keys themselves, in the order they were written:
// half as many nodes as keys and values apart. An empty value ("key:", "~", "null") is an unquoted scalar without text.
struct Node {
    enum class Kind : std::uint8_t { scalar, sequence, map };

    Kind kind = Kind::scalar;
    bool quoted = false; // scalar: written as "text", 'text' or a block, so never empty in the sense above
    Mark mark = {};      // where the value begins
    Mark key_mark = {};  // child of a map: where its key begins
    std::shared_ptr<const std::string> file = {}; // the name of the file it was written in
    std::string key = {};                         // child of a map: its key
    std::string text = {};                        // scalar
    std::vector<Node> children = {};              // sequence, map

    [[nodiscard]] bool is_scalar() const { return kind == Kind::scalar; }
    [[nodiscard]] bool is_sequence() const { return kind == Kind::sequence; }
    [[nodiscard]] bool is_map() const { return kind == Kind::map; }
    [[nodiscard]] bool is_empty() const { return is_scalar() && text.empty() && !quoted; }

    [[nodiscard]] SourceLocation location() const;
    [[nodiscard]] SourceLocation key_location() const;

    // Map: the child with that key, or nullptr. Takes time in proportion to the number of children.
    [[nodiscard]] const Node* find(std::string_view name) const;
    [[nodiscard]] Node* find(std::string_view name);
};

// "a text", "a list", "a map", "nothing": what a message says somebody has written.
[[nodiscard]] std::string_view written_kind(const Node& node);

// Somebody's text for use in a one-line message: in single quotes, control characters escaped, cut short where long.
[[nodiscard]] std::string shown(std::string_view text);

} // namespace switchyard::formats
