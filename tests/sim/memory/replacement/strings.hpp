// Strings of references for tests, and how policies fare on them.
#pragma once

#include "sim/memory/replacement/optimal.hpp"
#include "sim/memory/replacement/registry.hpp"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace switchyard::sim::replacement {

using String = std::vector<std::uint64_t>;

// Favourites, scans and phases, by turns.
inline String random_string(std::uint32_t seed, std::size_t length = 600, std::uint64_t pages = 24) {
    std::mt19937 random(seed);
    String string(length);
    std::uint64_t next = 0;
    for (std::size_t at = 0; at < length; ++at) {
        switch (at / 50 % 3) {
        case 0: string[at] = random() % pages * (random() % 3) / 2 % pages; break;
        case 1: string[at] = next++ % pages; break;
        default: string[at] = (at / 50 + random() % 5) % pages;
        }
    }
    return string;
}

inline std::vector<Time> next_uses_of(const String& string) {
    NextUses<HashedIndex> uses;
    uses.add(string);
    return {uses.times().begin(), uses.times().end()};
}

inline std::vector<std::uint8_t> hits_of(const std::string& policy, std::uint32_t frames, const String& string) {
    std::vector<std::uint8_t> hits(string.size());
    const PolicyChoice choice = parse_policy(policy);
    if (choice.description->knows_the_future())
        static_cast<void>(optimal_misses(next_uses_of(string), frames, hits));
    else
        choice.description->make_hashed(Options(frames, 0, choice.parameters))->play(string, hits);
    return hits;
}

inline std::uint64_t misses_of(const std::string& policy, std::uint32_t frames, const String& string) {
    std::uint64_t misses = 0;
    for (const std::uint8_t hit : hits_of(policy, frames, string)) misses += hit == 0;
    return misses;
}

} // namespace switchyard::sim::replacement
