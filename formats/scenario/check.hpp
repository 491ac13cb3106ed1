// Whether a tree has the form of a scenario: every key known, none missing, every value of the right kind.
#pragma once

#include "formats/scenario/keys.hpp"
#include "formats/yaml/node.hpp"

namespace switchyard::formats {

// Throws InputError at the first key or value that does not fit; what passes can be read without looking back.
// Units, names and numbers are the reader's business.
void check_form(const Node& value, const KeyDescription& description);
void check_form(const Node& value, const MapDescription& description);

// "unknown key 'coers' in 'machine' (did you mean 'cores'?)"; where no known word is near, all of them are listed.
[[nodiscard]] InputError unknown_word(std::string_view what, std::string_view word,
                                      std::span<const std::string_view> known, const SourceLocation& where,
                                      std::string_view in = {});

} // namespace switchyard::formats
