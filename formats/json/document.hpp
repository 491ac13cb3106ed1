// JSON documents read strictly: what is missing, unknown or of the wrong kind is an error that names its JSON path.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::formats {

// Objects keep the order in which their keys were written.
using Json = nlohmann::ordered_json;

// The document in `text`. Throws InputError with file, line and column for what is not JSON (NaN and infinity are not),
// and for duplicate keys, documents nested deeper than 64 levels and objects of more than 10,000 keys.
[[nodiscard]] Json parse_json(std::string_view text, const std::string& file_name);

// The text of a document, indented, with a newline at its end. Text that is not UTF-8 gets U+FFFD in its place.
[[nodiscard]] std::string json_text(const Json& document);

// A value of a document and the way to it ("$.laws['switch.context'].base"). Refers to the document; every function
// throws InputError, with file and path, where the value is not what was asked for.
class JsonValue {
public:
    JsonValue(const Json& json, std::string file_name, std::string path = "$");

    [[noreturn]] void fail(const std::string& message) const;

    // Objects.
    [[nodiscard]] JsonValue operator[](std::string_view key) const;          // which must be there
    [[nodiscard]] std::optional<JsonValue> find(std::string_view key) const; // absent where it is not
    [[nodiscard]] std::vector<std::pair<std::string, JsonValue>> members() const;
    void allow_only(std::initializer_list<std::string_view> keys) const; // with a suggestion for any other

    // Arrays.
    [[nodiscard]] std::vector<JsonValue> items() const;

    // Single values.
    [[nodiscard]] std::string text() const;
    [[nodiscard]] std::int64_t integer(std::int64_t least, std::int64_t most) const;
    [[nodiscard]] std::uint64_t count() const; // an integer of 0 or more
    [[nodiscard]] std::uint32_t small_count() const;
    [[nodiscard]] double number() const; // finite
    [[nodiscard]] bool boolean() const;
    [[nodiscard]] std::vector<std::string> texts() const;

    // Throws unless "schema_version" is there and is `version`, or one from `oldest` on.
    void check_schema_version(int version) const { check_schema_version(version, version); }
    void check_schema_version(int oldest, int newest) const;

private:
    const Json* json_;
    std::string file_;
    std::string path_;
};

} // namespace switchyard::formats
