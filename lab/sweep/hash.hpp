// The hash that identities of points are made with: 128 bits of XXH3, the same on every machine.
#pragma once

#include "formats/yaml/node.hpp"
#include "lab/sweep/point.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace switchyard::lab {

// Takes texts and numbers one after the other; what was taken is unambiguous, for each text comes with its length.
class Hash {
public:
    Hash();
    ~Hash();

    void reset();
    void add(std::uint64_t number);
    void add(double number) { add(std::bit_cast<std::uint64_t>(number)); }
    void add(std::string_view text);
    void add(const PointIdentity& digest);
    [[nodiscard]] PointIdentity digest();

private:
    void flush();

    struct State;
    std::unique_ptr<State> state_;
    std::string buffer_;
};

// Adds what a run of the scenario in `tree` follows from, as it is written: not its name and what it is about, its
// seed, its profile, and what is expected of it (but whether it is expected to come to a standstill, which tells a
// failure from a result). The contents of traces that it names count as well: `files` remembers their digests by path.
void add_scenario(Hash& hash, const formats::Node& tree, std::unordered_map<std::string, PointIdentity>& files);

} // namespace switchyard::lab
