// Which characters a YAML text may be made of.
#pragma once

#include <string>
#include <string_view>

namespace switchyard::formats {

// Throws InputError at the first place that is not UTF-8 or is a control character other than tab and line ends, which
// YAML allows no more than we do. yaml-cpp would take a byte 4 for the end of the text and pass broken UTF-8 on.
void check_characters(std::string_view text, const std::string& file_name);

} // namespace switchyard::formats
