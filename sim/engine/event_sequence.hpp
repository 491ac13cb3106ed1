// The numbers by which events at one instant are ordered.
//
// Normally they count up: first scheduled, first fired. Shuffled, they are a permutation of that count chosen by a
// seed: a model whose results change depends on the order of simultaneous events, which no real machine promises.
#pragma once

#include "sim/engine/event_key.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace switchyard::sim {

class EventSequence {
public:
    static constexpr std::uint64_t limit = std::uint64_t{1} << EventKey::sequence_bits;

    // Starts counting at `first`; `shuffle_seed` selects a permutation of the 2^40 numbers.
    explicit EventSequence(std::optional<std::uint64_t> shuffle_seed = {}, std::uint64_t first = 0);

    // How often the numbers have run out and begun at zero again: what is pending from a round before has to be
    // numbered anew before anything else is.
    [[nodiscard]] std::uint32_t round() {
        if (count_ == limit) [[unlikely]] {
            count_ = 0;
            ++round_;
        }
        return round_;
    }

    [[nodiscard]] bool shuffled() const { return shuffled_; }

    // Precondition: `round` has been asked since the last one.
    [[nodiscard]] std::uint64_t next() {
        const std::uint64_t number = count_++;
        return shuffled_ ? permute(number) : number;
    }

private:
    // A Feistel network over two halves of 20 bits: one to one whatever its round function, so no number comes twice.
    [[nodiscard]] std::uint64_t permute(std::uint64_t number) const;

    std::uint64_t count_;
    std::uint32_t round_ = 0;
    bool shuffled_;
    std::array<std::uint64_t, 4> round_keys_{};
};

} // namespace switchyard::sim
