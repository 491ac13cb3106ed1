#include "formats/scenario/override.hpp"

#include "formats/scenario/keys.hpp"
#include "formats/yaml/read_yaml.hpp"
#include "models/units/text.hpp"

#include <charconv>
#include <fmt/format.h>
#include <utility>
#include <vector>

namespace switchyard::formats {

namespace {

// A node together with what it should be, as far as that is known.
struct Position {
    Node* node = nullptr;
    const KeyDescription* key = nullptr;
    const MapDescription* map = nullptr; // of a map
};

// One walk along a path; `done` is the part of it already behind.
struct Walk {
    const SourceLocation& place; // of errors: "--set scheduler.slice=1ms"
    std::string done;

    [[noreturn]] void fail(const std::string& message) const { throw InputError(message, place); }
    [[nodiscard]] std::string parent() const { return done.empty() ? "the scenario" : shown(done); }
};

std::vector<std::string> split(std::string_view path) {
    std::vector<std::string> parts(1);
    for (const char c : path) {
        if (c == '.')
            parts.emplace_back();
        else
            parts.back() += c;
    }
    return parts;
}

void put_at(Node& node, Mark mark) {
    node.mark = node.key_mark = mark;
    for (Node& child : node.children) put_at(child, mark);
}

// The value as a tree. It has no place of its own in a file: errors name that of the change as a whole.
Node read_value(const std::string& text, const SourceLocation& where) {
    try {
        Node value = read_yaml(text, where.file);
        put_at(value, {where.line, where.column});
        return value;
    } catch (const InputError& error) {
        throw InputError(error.message(), where);
    }
}

const MapDescription* map_at(const Node& node, const KeyDescription* key) {
    if (!key) return nullptr;
    return map_of(*key, node.children.empty() ? "" : std::string_view(node.children.front().key));
}

// Adds a key the parent may have; fails, suggesting what was perhaps meant, for any other.
Node& add_key(const Position& parent, const std::string& name, const Walk& walk) {
    const MapDescription* map = parent.map;
    const KeyDescription* key = map ? map->find(name) : nullptr;
    const bool named_by_author = map && key == &map->other && map->others == OtherKeys::names;
    if (!key || name.empty() || named_by_author || !map->one_of.empty()) {
        std::vector<std::string_view> candidates;
        for (const Node& child : parent.node->children) candidates.push_back(child.key);
        if (map && map->one_of.empty())
            for (const KeyDescription& known : map->keys) candidates.push_back(known.name);
        walk.fail(fmt::format("there is no {} in {}{}", shown(name), walk.parent(), suggestion(name, candidates)));
    }
    const bool holds_map = describe(key->type).map && !describe(key->type).scalar;
    return parent.node->children.emplace_back(Node{.kind = holds_map ? Node::Kind::map : Node::Kind::scalar,
                                                   .mark = {walk.place.line, walk.place.column},
                                                   .file = std::make_shared<const std::string>(walk.place.file),
                                                   .key = name});
}

Position child_of_map(const Position& parent, const std::string& name, const Walk& walk) {
    Node* child = parent.node->find(name);
    if (!child) child = &add_key(parent, name, walk);
    const KeyDescription* key = parent.map ? parent.map->find(name) : nullptr;
    return {child, key, map_at(*child, key)};
}

Position item_of_list(const Position& parent, const std::string& index_text, const Walk& walk) {
    std::size_t index = 0;
    const char* const last = index_text.data() + index_text.size();
    const auto [end, error] = std::from_chars(index_text.data(), last, index);
    const std::size_t size = parent.node->children.size();
    if (error != std::errc{} || end != last)
        walk.fail(fmt::format("{} is a list: an index from 0 must follow, not {}", walk.parent(), shown(index_text)));
    if (index >= size)
        walk.fail(
            fmt::format("{} has {} item{}: there is no index {}", walk.parent(), size, size == 1 ? "" : "s", index));
    const bool is_operation = parent.key && parent.key->type == ValueType::operations;
    return {&parent.node->children[index], nullptr, is_operation ? &operation_map : nullptr};
}

Position step(const Position& parent, const std::string& part, const Walk& walk) {
    switch (parent.node->kind) {
    case Node::Kind::map: return child_of_map(parent, part, walk);
    case Node::Kind::sequence: return item_of_list(parent, part, walk);
    case Node::Kind::scalar: break;
    }
    walk.fail(fmt::format("{} is a single value: there is no {} in it", walk.parent(), shown(part)));
}

} // namespace

Override parse_override(std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0)
        throw InputError(fmt::format("{} is not 'path=value', as in scheduler.slice=1ms", shown(text)),
                         {"--set", 0, 0});
    return {std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

PreparedChange prepare(const Override& change, const SourceLocation& where) {
    if (change.path == "include" || change.path.starts_with("include."))
        throw InputError("includes are read before anything is set: change what they bring in instead", where);
    return {split(change.path), read_value(change.value, where), where};
}

void set(Node& scenario, const PreparedChange& change) {
    if (!scenario.is_map()) return; // reading it says what is wrong
    Walk walk{change.where, ""};
    Position position{&scenario, nullptr, &scenario_map};
    for (const std::string& part : change.path) {
        position = step(position, part, walk);
        walk.done += (walk.done.empty() ? "" : ".") + part;
    }
    std::string key = std::move(position.node->key);
    *position.node = change.value;
    position.node->key = std::move(key);
}

void set(Node& scenario, const Override& change) {
    set(scenario, prepare(change, {fmt::format("--set {}={}", change.path, change.value), 0, 0}));
}

} // namespace switchyard::formats
