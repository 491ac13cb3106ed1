// What the message of an error says, for CHECK_THROWS_MATCHES.
#pragma once

#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <string>

namespace switchyard {

inline auto says(const std::string& part) {
    return Catch::Matchers::MessageMatches(Catch::Matchers::ContainsSubstring(part));
}

} // namespace switchyard
