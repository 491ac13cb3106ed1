// Intermediate results that do not fit in 64 bits: the product of a time and a count, before it is divided again.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

namespace switchyard {

// 128 bits, which GCC and Clang have as an extension of the language.
__extension__ typedef __int128 WideInteger;

// The value in 64 bits, or nothing where it does not fit.
[[nodiscard]] constexpr std::optional<std::int64_t> narrow(WideInteger value) {
    if (value < std::numeric_limits<std::int64_t>::min() || value > std::numeric_limits<std::int64_t>::max())
        return std::nullopt;
    return static_cast<std::int64_t>(value);
}

} // namespace switchyard
