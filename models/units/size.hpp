// Amounts of memory and of data, in bytes.
#pragma once

#include <compare>
#include <cstdint>

namespace switchyard {

// A number of bytes; a type of its own so that a size is never taken for a time or a count.
struct Bytes {
    std::int64_t count = 0;

    friend constexpr auto operator<=>(Bytes, Bytes) = default;
    friend constexpr Bytes operator+(Bytes a, Bytes b) { return {a.count + b.count}; }
    friend constexpr Bytes operator-(Bytes a, Bytes b) { return {a.count - b.count}; }
    friend constexpr Bytes operator*(Bytes a, std::int64_t factor) { return {a.count * factor}; }
    constexpr Bytes& operator+=(Bytes other) { return count += other.count, *this; }
};

// The size of a page where nothing else is said (x86-64 and most arm64 kernels).
inline constexpr Bytes base_page{4096};

// The number of pages that hold `size` bytes, the last one perhaps in part.
[[nodiscard]] constexpr std::int64_t pages_of(Bytes size, Bytes page = base_page) {
    return (size.count + page.count - 1) / page.count;
}

namespace size_literals {
constexpr Bytes operator""_B(unsigned long long value) { return {static_cast<std::int64_t>(value)}; }
constexpr Bytes operator""_KiB(unsigned long long value) { return {static_cast<std::int64_t>(value) << 10}; }
constexpr Bytes operator""_MiB(unsigned long long value) { return {static_cast<std::int64_t>(value) << 20}; }
constexpr Bytes operator""_GiB(unsigned long long value) { return {static_cast<std::int64_t>(value) << 30}; }
} // namespace size_literals

} // namespace switchyard
