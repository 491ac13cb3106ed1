#include "formats/yaml/characters.hpp"

#include "formats/yaml/node.hpp"
#include "models/errors.hpp"

#include <cstddef>
#include <cstdint>
#include <fmt/format.h>

namespace switchyard::formats {

// The length of the UTF-8 sequence at `at`, or 0 where there is no valid one (RFC 3629: shortest form, no surrogates).
static std::size_t utf8_length(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
    };
    const auto continues = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
        return byte(i) >= low && byte(i) <= high;
    };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF)
        return continues(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF) && continues(2) ? 3 : 0;
    if (first >= 0xF0 && first <= 0xF4)
        return continues(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF) && continues(2) && continues(3)
                   ? 4
                   : 0;
    return 0;
}

void check_characters(std::string_view text, const std::string& file_name) {
    Mark mark{1, 1};
    for (std::size_t at = 0; at < text.size();) {
        const auto c = static_cast<unsigned char>(text[at]);
        const std::size_t length = utf8_length(text, at);
        if (length == 0)
            throw InputError("this is not UTF-8 text: save the file in that encoding",
                             {file_name, mark.line, mark.column});
        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F)
            throw InputError(fmt::format("control character 0x{:02x}: YAML allows none", c),
                             {file_name, mark.line, mark.column});
        mark = c == '\n' ? Mark{mark.line + 1, 1} : Mark{mark.line, mark.column + static_cast<std::int32_t>(length)};
        at += length;
    }
}

} // namespace switchyard::formats
