// How the time of a calibration is shared out: so that it ends in time however many probes there are.
#pragma once

#include <cstdint>

namespace switchyard::lab {

// Most of a full and of a quick calibration, everything included but writing the profile.
inline constexpr double full_seconds = 280;
inline constexpr double quick_seconds = 28;

struct Budget {
    double seconds = full_seconds;      // for all rounds
    double most_probe_seconds = 0.35;   // a round: more would say little more
    double least_probe_seconds = 0.005; // a round: less says nothing
};

// What is known when a round begins.
struct RoundsSoFar {
    double elapsed_seconds = 0;
    std::uint32_t rounds_left = 1; // this one among them
    double weights = 1;            // of all that is run in a round
    double overhead_seconds =
        0; // of a round: starting processes, preparing memory, what probes take beyond their share
};

// What a probe of weight 1 may take in the round that begins: its share of what the overhead leaves of the round's
// share.
[[nodiscard]] double probe_seconds(const Budget& budget, const RoundsSoFar& so_far);

// Whether another round fits that takes as long as the longest did, which is to be asked when `least` rounds are done.
[[nodiscard]] bool another_round_fits(const Budget& budget, double elapsed_seconds, double longest_round_seconds);

} // namespace switchyard::lab
