#include "models/units/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace switchyard {

static char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Edits that lead from one word to the other: insert, delete or replace a letter, or swap two neighbours (Damerau 1964,
// each letter swapped at most once). Upper and lower case count as the same letter.
static std::size_t edit_distance(std::string_view from, std::string_view to) {
    std::vector<std::size_t> two_ago(to.size() + 1), one_ago(to.size() + 1), now(to.size() + 1);
    for (std::size_t j = 0; j <= to.size(); ++j) now[j] = j;
    for (std::size_t i = 1; i <= from.size(); ++i) {
        two_ago.swap(one_ago);
        one_ago.swap(now);
        now[0] = i;
        for (std::size_t j = 1; j <= to.size(); ++j) {
            const bool same = lower(from[i - 1]) == lower(to[j - 1]);
            now[j] = std::min({one_ago[j] + 1, now[j - 1] + 1, one_ago[j - 1] + (same ? 0u : 1u)});
            if (i > 1 && j > 1 && lower(from[i - 1]) == lower(to[j - 2]) && lower(from[i - 2]) == lower(to[j - 1]))
                now[j] = std::min(now[j], two_ago[j - 2] + 1);
        }
    }
    return now[to.size()];
}

std::string_view nearest_word(std::string_view word, std::span<const std::string_view> candidates) {
    constexpr std::size_t longest = 64; // nobody means a longer word, and the distance takes quadratic time
    if (word.empty() || word.size() > longest) return {};
    std::string_view nearest;
    std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1; // one letter in three may be wrong
    for (const std::string_view candidate : candidates) {
        if (candidate.empty() || candidate.size() > longest) continue;
        const std::size_t distance = edit_distance(word, candidate);
        // Where every letter had to change, nothing was meant by it.
        if (distance >= least || distance >= std::max(word.size(), candidate.size())) continue;
        least = distance;
        nearest = candidate;
    }
    return nearest;
}

std::string suggestion(std::string_view word, std::span<const std::string_view> candidates) {
    const std::string_view nearest = nearest_word(word, candidates);
    return nearest.empty() ? "" : fmt::format(" (did you mean '{}'?)", nearest);
}

} // namespace switchyard
