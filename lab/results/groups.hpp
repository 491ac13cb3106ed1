// Points put together by the values of some columns, and what their metrics come to.
//
// Groups come one after the other, sorted by those columns: only the points of one are held at a time.
#pragma once

#include "lab/results/database.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::lab {

// A metric's values in one group, in the order of cells and replications; points that do not know it are left out.
struct Samples {
    std::vector<double> values;
    std::vector<std::uint32_t> replications; // of each value

    [[nodiscard]] std::optional<double> mean() const; // absent where there are no values
    // Half the confidence interval of the mean over replications, by Student's t. Where a group holds several cells,
    // what is repeated is their mean: values are averaged within a replication first (cells may share their random
    // numbers), and only replications that every cell has count. Absent for fewer than two.
    [[nodiscard]] std::optional<double> half_interval(double confidence) const;
};

struct ResultGroup {
    std::vector<ResultValue> keys;
    std::uint64_t points = 0;
    std::vector<Samples> metrics; // in the order they were asked for
};

struct GroupQuery {
    std::vector<std::string> by;
    std::vector<std::string> metrics; // or any columns of numbers
    Condition condition;              // of points that were computed: others have no metrics
};

void for_each_group(const ResultsDatabase& database, const GroupQuery& query,
                    const std::function<void(const ResultGroup&)>& use);

// What is said of samples in one figure or, of an interval, in two.
struct Aggregate {
    enum class Kind : std::uint8_t { mean, interval, median, percentile, least, most, deviation, count };
    Kind kind = Kind::mean;
    double share = 0; // of a percentile
    std::string name; // as it is written: "p99"
};

// "mean", "interval", "median", "p90" (any "p" and percents: "p99.9"), "min", "max", "deviation" (of the sample),
// "count". Throws InputError with a suggestion for anything else.
[[nodiscard]] Aggregate parse_aggregate(std::string_view text);

// Of an interval half its width; absent where the samples do not say.
[[nodiscard]] std::optional<double> value_of(const Aggregate& aggregate, const Samples& samples, double confidence);

// The confidence of intervals: the sweep's own, or 0.95 where it says none.
[[nodiscard]] double confidence_of(const ResultsDatabase& database);

} // namespace switchyard::lab
