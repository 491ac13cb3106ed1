// A figure that changes in steps: how many wait for a core, how many faults there have been.
#pragma once

#include "studio/model/track.hpp"

namespace switchyard::studio {

// The least and the most a figure was while a pixel lasts.
struct Column {
    std::int64_t least = 0;
    std::int64_t most = 0;
    friend bool operator==(const Column&, const Column&) = default;
};

class Series {
public:
    // From that time on it is `value`. `at` never goes back; the latest of one instant counts.
    void add(Time at, std::int64_t value);
    void finish(); // builds the pyramid above the steps, as Track does

    [[nodiscard]] bool empty() const { return times_.empty(); }
    [[nodiscard]] std::int64_t at(Time time) const; // 0 before the first step
    [[nodiscard]] std::int64_t most() const { return most_; }

    // A column a pixel. What lies before the first step is 0. Time: O(pixels x log(steps per pixel)).
    void columns(const View& view, std::vector<Column>& columns) const;

private:
    [[nodiscard]] Column range(std::size_t index, std::size_t last) const;

    std::vector<Time> times_;
    std::vector<std::int64_t> values_;
    std::vector<std::vector<Column>> levels_; // levels_[k][i]: of steps [i x 4^(k+1), (i + 1) x 4^(k+1))
    std::int64_t most_ = 0;
};

} // namespace switchyard::studio
