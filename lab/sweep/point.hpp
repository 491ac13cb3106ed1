// A point of a sweep: one simulation, and what is kept of it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace switchyard::lab {

// The 128-bit hash (XXH3) of everything a point's results follow from: the scenario with its changes made, the profile,
// the seed and the model's version. The same point has it whatever sweep it is in, wherever it is computed.
using PointIdentity = std::array<std::uint8_t, 16>;

// Which point, as its plan counts them.
struct PointIndex {
    std::uint64_t cell = 0;
    std::uint32_t replication = 0; // from 0
    friend auto operator<=>(const PointIndex&, const PointIndex&) = default;
};

enum class PointStatus : std::uint8_t {
    done,
    failed,      // it threw, or its run did not complete: `reason` says why
    over_budget, // it was given up
};

struct PointResult {
    PointIndex index;
    PointIdentity identity{};
    std::uint64_t seed = 0;
    PointStatus status = PointStatus::done;
    std::string reason; // one line; empty where done
    std::vector<double>
        values; // one a metric, in base units (seconds, bytes, shares); NaN: the report does not know it
};

} // namespace switchyard::lab
