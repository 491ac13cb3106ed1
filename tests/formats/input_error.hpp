// What an input error says, for tests that compare whole messages.
#pragma once

#include "models/errors.hpp"

#include <string>

namespace switchyard::formats {

// The one line the command would print, or "no error".
template <typename Action>
std::string error_of(Action action) {
    try {
        action();
    } catch (const InputError& error) {
        return error.what();
    }
    return "no error";
}

// A malformed text and the message it deserves.
struct Broken {
    const char* text;
    const char* message;
};

} // namespace switchyard::formats
