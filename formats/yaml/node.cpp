#include "formats/yaml/node.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace switchyard::formats {

static SourceLocation located(const std::shared_ptr<const std::string>& file, Mark mark) {
    return {file ? *file : std::string(), mark.line, mark.column};
}

SourceLocation Node::location() const { return located(file, mark); }

SourceLocation Node::key_location() const { return located(file, key_mark); }

const Node* Node::find(std::string_view name) const {
    const auto found = std::find_if(children.begin(), children.end(), [&](const Node& n) { return n.key == name; });
    return is_map() && found != children.end() ? &*found : nullptr;
}

Node* Node::find(std::string_view name) { return const_cast<Node*>(std::as_const(*this).find(name)); }

std::string_view written_kind(const Node& node) {
    switch (node.kind) {
    case Node::Kind::sequence: return "a list";
    case Node::Kind::map: return "a map";
    case Node::Kind::scalar: break;
    }
    return node.is_empty() ? "nothing" : "a text";
}

std::string shown(std::string_view text) {
    constexpr std::size_t most = 60;
    std::size_t length = std::min(text.size(), most);
    while (length < text.size() && length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80)
        --length; // not in the middle of a character of several bytes
    std::string result = "'";
    for (const char c : text.substr(0, length)) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n')
            result += "\\n";
        else if (byte < 0x20 || byte == 0x7F)
            result += fmt::format("\\x{:02x}", byte);
        else
            result += c;
    }
    return result + (length < text.size() ? "...'" : "'");
}

} // namespace switchyard::formats
