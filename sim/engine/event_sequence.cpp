#include "sim/engine/event_sequence.hpp"

#include <algorithm>

namespace switchyard::sim {
namespace {

constexpr unsigned half_bits = EventKey::sequence_bits / 2;
constexpr std::uint64_t half_mask = (std::uint64_t{1} << half_bits) - 1;

// The finaliser of splitmix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators").
constexpr std::uint64_t mix(std::uint64_t value) {
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31U);
}

} // namespace

EventSequence::EventSequence(std::optional<std::uint64_t> shuffle_seed, std::uint64_t first)
    : count_(std::min(first, limit)), shuffled_(shuffle_seed.has_value()) {
    std::uint64_t state = shuffle_seed.value_or(0);
    for (std::uint64_t& key : round_keys_) key = mix(state += 0x9e3779b97f4a7c15U);
}

std::uint64_t EventSequence::permute(std::uint64_t number) const {
    std::uint64_t left = number >> half_bits;
    std::uint64_t right = number & half_mask;
    for (const std::uint64_t key : round_keys_) {
        const std::uint64_t next = left ^ (mix(right + key) & half_mask);
        left = right;
        right = next;
    }
    return left << half_bits | right;
}

} // namespace switchyard::sim
