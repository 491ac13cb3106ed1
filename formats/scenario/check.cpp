#include "formats/scenario/check.hpp"

#include "models/units/text.hpp"

#include <fmt/format.h>
#include <string>
#include <vector>

namespace switchyard::formats {

InputError unknown_word(std::string_view what, std::string_view word, std::span<const std::string_view> known,
                        const SourceLocation& where, std::string_view in) {
    std::string message = fmt::format("unknown {} {}{}{}", what, shown(word), in.empty() ? "" : " in ", in);
    const std::string near = suggestion(word, known);
    if (!near.empty() || known.empty()) return InputError(message + near, where);
    message += known.size() == 1 ? ": known is " : ": known are ";
    for (std::size_t i = 0; i < known.size(); ++i)
        message += fmt::format("{}'{}'", i == 0 ? "" : i + 1 == known.size() ? " and " : ", ", known[i]);
    return InputError(message, where);
}

namespace {

std::vector<std::string_view> names_of(std::span<const KeyDescription> keys) {
    std::vector<std::string_view> names;
    for (const KeyDescription& key : keys) names.push_back(key.name);
    return names;
}

[[noreturn]] void throw_wrong_form(const Node& value, const KeyDescription& description, std::string_view wanted) {
    const std::string name = !value.key.empty() ? shown(value.key) : fmt::format("'{}'", description.name);
    const std::string_view written = value.is_scalar() && !value.is_empty() ? "" : written_kind(value);
    throw InputError(fmt::format("{} takes {}, not {}", name, wanted, written.empty() ? shown(value.text) : written),
                     value.location());
}

// The children of a list whose items are no lists or maps themselves.
void check_plain_items(const Node& list, const KeyDescription& description) {
    for (const Node& item : list.children)
        if (!item.is_scalar() || item.is_empty())
            throw InputError(fmt::format("'{}' takes {}: {} cannot be one of its items", description.name,
                                         describe(description.type).wanted, written_kind(item)),
                             item.location());
}

// "yield", or {compute: 10s}.
void check_operation(const Node& item) {
    if (!item.is_scalar()) return check_form(item, operation_map);
    if (item.is_empty()) throw InputError("an operation is missing here", item.location());
    const KeyDescription* operation = operation_map.find(item.text);
    if (!operation) throw unknown_word("operation", item.text, names_of(operation_map.keys), item.location());
    if (operation->type != ValueType::nothing && operation->type != ValueType::optional_name)
        throw InputError(fmt::format("'{}' takes {}, not nothing", operation->name, describe(operation->type).wanted),
                         item.location());
}

void check_exactly_one(const Node& value, const MapDescription& description) {
    if (value.children.empty()) throw InputError(fmt::format("{} is missing here", description.name), value.location());
    if (value.children.size() == 1) return;
    const Node& second = value.children[1];
    const bool known = description.find(second.key) != nullptr;
    if (!known) throw unknown_word(description.one_of, second.key, names_of(description.keys), second.key_location());
    throw InputError(fmt::format("{} is one key: {} begins another after '{}'", description.name, shown(second.key),
                                 value.children[0].key),
                     second.key_location());
}

} // namespace

void check_form(const Node& value, const KeyDescription& description) {
    const ValueDescription& form = describe(description.type);
    if (description.type == ValueType::nothing) {
        if (!value.is_empty()) throw_wrong_form(value, description, form.wanted);
        return;
    }
    const bool fits =
        (value.is_scalar() && form.scalar) || (value.is_sequence() && form.list) || (value.is_map() && form.map);
    const bool may_be_empty = description.type == ValueType::optional_name;
    if (!fits || (value.is_empty() && !may_be_empty)) throw_wrong_form(value, description, form.wanted);

    if (value.is_map()) {
        const std::string_view first_key = value.children.empty() ? "" : std::string_view(value.children[0].key);
        if (const MapDescription* map = map_of(description, first_key)) check_form(value, *map);
    } else if (description.type == ValueType::operations) {
        for (const Node& item : value.children) check_operation(item);
    } else if (value.is_sequence()) {
        check_plain_items(value, description);
    }
}

void check_form(const Node& value, const MapDescription& description) {
    if (!value.is_map())
        throw InputError(fmt::format("{} is a map, not {}", description.name, written_kind(value)), value.location());
    if (!description.one_of.empty()) check_exactly_one(value, description);
    for (const Node& child : value.children) {
        const KeyDescription* key = description.find(child.key);
        if (!key && description.one_of.empty())
            throw unknown_word("key", child.key, names_of(description.keys), child.key_location(), description.name);
        if (!key) throw unknown_word(description.one_of, child.key, names_of(description.keys), child.key_location());
        if (child.key.empty())
            throw InputError(fmt::format("an empty name in {}", description.name), child.key_location());
        check_form(child, *key);
    }
    for (const KeyDescription& key : description.keys)
        if (key.required && !value.find(key.name))
            throw InputError(fmt::format("{} needs '{}': {}", description.name, key.name, describe(key.type).wanted),
                             value.key.empty() ? value.location() : value.key_location());
}

} // namespace switchyard::formats
