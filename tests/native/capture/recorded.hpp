// Text that was recorded on a real machine and cut short: two processes that compute on one processor.
#pragma once

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace switchyard::native {

inline std::string recorded(const std::string& name) {
    std::ifstream file(SWITCHYARD_SOURCE_DIR "/tests/native/capture/" + name);
    if (!file) throw std::runtime_error("there is no " + name);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

} // namespace switchyard::native
