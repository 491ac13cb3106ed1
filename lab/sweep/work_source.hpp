// What a worker of a sweep, wherever it runs, has to do with the one who hands work out and writes results.
#pragma once

#include "lab/sweep/schedule.hpp"
#include "lab/sweep/work.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

namespace switchyard::lab {

struct PointKey {
    PointIndex index;
    PointIdentity identity{};
};

// What is known of a point before it is computed.
struct KnownPoint {
    bool computed = false;
    double value = 0; // of the stopping rule's metric
};

// What came of some units; of none, where rows of a unit that takes long are handed in before it is over.
struct WorkDone {
    UnitRange units;            // as handed out
    std::uint64_t finished = 0; // of them, from the first on: the others are handed out again
    std::vector<PointRow> rows; // computed
    std::uint64_t there = 0;    // points that were there already
    double seconds = 0;         // that it took
};

class WorkSource {
public:
    virtual ~WorkSource() = default;

    // The next units. Waits while others may still give some back; absent when all is done, or is to end.
    [[nodiscard]] virtual std::optional<UnitRange> next() = 0;
    // One for each key.
    [[nodiscard]] virtual std::vector<KnownPoint> look_up(std::span<const PointKey> keys) = 0;
    // Waits while too much is waiting to be written.
    virtual void hand_in(WorkDone done) = 0;
    // How many points are best looked up at once.
    [[nodiscard]] virtual std::size_t points_a_look_up() const = 0;
};

// Gives back what is not done after this long: nobody waits for a worker that was given too much, and a process that is
// killed loses no more than this and the points in flight.
inline constexpr double most_seconds_of_units = 0.25;

// Does what there is to do until there is none, or a stop is requested.
void work_through(WorkSource& source, const SweepWork& work, const Schedule& schedule, const std::stop_token& stop);

} // namespace switchyard::lab
