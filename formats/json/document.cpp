#include "formats/json/document.hpp"

#include "formats/yaml/node.hpp"
#include "models/errors.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <set>

namespace switchyard::formats {

namespace {

constexpr int most_depth = 64;
constexpr std::size_t most_keys = 10'000; // of one object: it searches them one after another

SourceLocation place_of(std::string_view text, std::size_t byte, const std::string& file_name) {
    const std::string_view before = text.substr(0, std::min(byte, text.size()));
    const auto lines = std::count(before.begin(), before.end(), '\n');
    const std::size_t line_start = before.rfind('\n') + 1; // npos + 1 is 0
    return {file_name, static_cast<int>(lines) + 1, static_cast<int>(before.size() - line_start) + 1};
}

// What nlohmann-json would take: duplicate keys, depths that overflow the stack, objects that take it for ever.
class Strictness {
public:
    explicit Strictness(std::string file_name) : file_name_(std::move(file_name)) {}

    bool operator()(int depth, Json::parse_event_t event, const Json& parsed) {
        if (depth > most_depth)
            throw InputError(fmt::format("nested deeper than {} levels", most_depth), {file_name_, 0, 0});
        if (event == Json::parse_event_t::object_start) keys_.emplace_back();
        if (event == Json::parse_event_t::object_end) keys_.pop_back();
        if (event != Json::parse_event_t::key) return true;
        if (!keys_.back().insert(parsed.get<std::string>()).second)
            throw InputError("duplicate key " + shown(parsed.get<std::string>()), {file_name_, 0, 0});
        if (keys_.back().size() > most_keys)
            throw InputError(fmt::format("more than {} keys in one object", most_keys), {file_name_, 0, 0});
        return true;
    }

private:
    std::string file_name_;
    std::vector<std::set<std::string>> keys_; // of the objects not yet closed
};

} // namespace

Json parse_json(std::string_view text, const std::string& file_name) {
    Strictness strictness(file_name);
    try {
        return Json::parse(text, [&](int depth, Json::parse_event_t event, const Json& parsed) {
            return strictness(depth, event, parsed);
        });
    } catch (const Json::parse_error& error) {
        const std::size_t byte = error.byte > 0 ? error.byte - 1 : 0;
        const bool at_end = byte >= text.size();
        throw InputError(at_end ? "malformed JSON: it ends too early" : "malformed JSON",
                         place_of(text, byte, file_name));
    } catch (const Json::out_of_range&) {
        throw InputError("a number is too large for a double", {file_name, 0, 0});
    }
}

std::string json_text(const Json& document) {
    return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

JsonValue::JsonValue(const Json& json, std::string file_name, std::string path)
    : json_(&json), file_(std::move(file_name)), path_(std::move(path)) {}

void JsonValue::fail(const std::string& message) const {
    throw InputError(fmt::format("{}: {}", path_, message), {file_, 0, 0});
}

std::optional<JsonValue> JsonValue::find(std::string_view key) const {
    if (!json_->is_object()) fail(fmt::format("an object is wanted, not {}", json_->type_name()));
    const auto found = json_->find(key);
    if (found == json_->end()) return std::nullopt;
    const bool plain = std::all_of(key.begin(), key.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
    return JsonValue(*found, file_, path_ + (plain ? fmt::format(".{}", key) : fmt::format("[{}]", shown(key))));
}

JsonValue JsonValue::operator[](std::string_view key) const {
    if (auto value = find(key)) return *value;
    fail(fmt::format("'{}' is missing", key));
}

std::vector<std::pair<std::string, JsonValue>> JsonValue::members() const {
    static_cast<void>(find("")); // an object
    std::vector<std::pair<std::string, JsonValue>> members;
    for (const auto& [key, value] : json_->items()) members.emplace_back(key, *find(key));
    return members;
}

void JsonValue::allow_only(std::initializer_list<std::string_view> keys) const {
    static_cast<void>(find("")); // an object
    for (const auto& [key, value] : json_->items())
        if (std::find(keys.begin(), keys.end(), key) == keys.end())
            fail(fmt::format("unknown key {}{}", shown(key), suggestion(key, {keys.begin(), keys.size()})));
}

std::vector<JsonValue> JsonValue::items() const {
    if (!json_->is_array()) fail(fmt::format("an array is wanted, not {}", json_->type_name()));
    std::vector<JsonValue> items;
    for (std::size_t i = 0; i < json_->size(); ++i)
        items.emplace_back((*json_)[i], file_, fmt::format("{}[{}]", path_, i));
    return items;
}

std::string JsonValue::text() const {
    if (!json_->is_string()) fail(fmt::format("a string is wanted, not {}", json_->type_name()));
    return json_->get<std::string>();
}

std::int64_t JsonValue::integer(std::int64_t least, std::int64_t most) const {
    const bool fits = json_->is_number_integer() &&
                      (!json_->is_number_unsigned() ||
                       json_->get<std::uint64_t>() <= std::uint64_t{std::numeric_limits<std::int64_t>::max()});
    if (!fits || json_->get<std::int64_t>() < least || json_->get<std::int64_t>() > most)
        fail(fmt::format("an integer from {} to {} is wanted", least, most));
    return json_->get<std::int64_t>();
}

std::uint64_t JsonValue::count() const {
    if (!json_->is_number_unsigned()) fail("an integer of 0 or more is wanted");
    return json_->get<std::uint64_t>();
}

std::uint32_t JsonValue::small_count() const {
    return static_cast<std::uint32_t>(integer(0, std::numeric_limits<std::uint32_t>::max()));
}

double JsonValue::number() const {
    if (!json_->is_number()) fail(fmt::format("a number is wanted, not {}", json_->type_name()));
    const double value = json_->get<double>();
    if (!std::isfinite(value)) fail("a finite number is wanted");
    return value;
}

bool JsonValue::boolean() const {
    if (!json_->is_boolean()) fail(fmt::format("true or false is wanted, not {}", json_->type_name()));
    return json_->get<bool>();
}

std::vector<std::string> JsonValue::texts() const {
    std::vector<std::string> texts;
    for (const JsonValue& item : items()) texts.push_back(item.text());
    return texts;
}

void JsonValue::check_schema_version(int oldest, int newest) const {
    const std::int64_t found = (*this)["schema_version"].integer(0, std::numeric_limits<std::int32_t>::max());
    const std::string readable = oldest == newest ? std::to_string(newest) : fmt::format("{} to {}", oldest, newest);
    if (found < oldest || found > newest)
        (*this)["schema_version"].fail(
            fmt::format("version {} cannot be read: this program reads {}", found, readable));
}

} // namespace switchyard::formats
