// Times and sizes as people write and read them: "10s", "1.5ms", "64KiB", "10%".
#pragma once

#include "models/units/size.hpp"
#include "models/units/time.hpp"

#include <span>
#include <string>
#include <string_view>

namespace switchyard {

// A duration with its unit: ps, ns, us, ms, s, min, h. The decimal is read exactly: "0.1s" is 10^11 ps and nothing
// else. "µs" is us; blanks around and before the unit are ignored. Throws InputError for a missing or unknown unit, a
// sign, an exponent, more digits than a picosecond has, and overflow.
[[nodiscard]] Duration parse_duration(std::string_view text);

// A size with its unit: B, KiB, MiB, GiB, TiB (powers of 1024), kB, MB, GB (powers of 1000). Whole bytes only.
[[nodiscard]] Bytes parse_size(std::string_view text);

// A share: "10%" or "0.1" -> 0.1. Throws InputError for a negative or an unreadable one.
[[nodiscard]] double parse_share(std::string_view text);

// A factor in thousandths, read exactly: "1" -> 1000, "0.55" and "55%" -> 550. Throws InputError for a negative or an
// unreadable one, and for more digits than thousandths have.
[[nodiscard]] std::int64_t parse_thousandths(std::string_view text);

// The duration exactly, in the largest unit of s, ms, us, ns, ps of which there is at least one and which needs at most
// three decimals: "21.9 s", "50 us", "100 ms". `parse_duration` reads it back.
[[nodiscard]] std::string exact_text(Duration value);

// The duration to four significant digits, for tables: "21.90 s", "461.2 ns"; whole picoseconds and, from 1000 s on,
// whole seconds.
[[nodiscard]] std::string rounded_text(Duration value);

// The size to four significant digits with a binary unit, without the zeros at the end: "8.4 KiB", "64 KiB".
[[nodiscard]] std::string text_of(Bytes value);

// The candidate nearest to `word` by edit distance, upper and lower case being one (Damerau 1964), or "" where none is
// near enough to be what was meant: more than one letter in three is wrong.
[[nodiscard]] std::string_view nearest_word(std::string_view word, std::span<const std::string_view> candidates);

// " (did you mean 'slice'?)" where a candidate is near, else "": the tail of an error message.
[[nodiscard]] std::string suggestion(std::string_view word, std::span<const std::string_view> candidates);

} // namespace switchyard
