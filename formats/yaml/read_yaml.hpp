// YAML text to a tree, within limits.
//
// Stands on yaml-cpp's parser and its events; yaml-cpp's own tree would swallow duplicate keys and take several times
// the memory. Refused, each with file, line and column: malformed YAML, duplicate keys, tags, merge keys, keys that are
// not scalars, several documents, text that is not UTF-8 or holds control characters, and whatever exceeds the limits.
#pragma once

#include "formats/yaml/node.hpp"

#include <cstddef>
#include <string>

namespace switchyard::formats {

struct YamlLimits {
    std::size_t bytes = std::size_t{64} << 20;
    std::size_t depth = 64;         // collections inside one another, aliases expanded
    std::size_t nodes = 10'000'000; // aliases expanded
    std::size_t copied = 1'000'000; // nodes copied for anchors and aliases: a few lines must not become a gigabyte
    // Bytes of one collection in brackets or one text. yaml-cpp keeps what it has read of either until it ends, over
    // 200 bytes for every bracket and comma.
    std::size_t whole = std::size_t{2} << 20;
};

// The document in `text`; `file_name` is what errors call it. An empty document is an empty scalar.
[[nodiscard]] Node read_yaml(std::string text, const std::string& file_name, const YamlLimits& limits = {});

} // namespace switchyard::formats
