// What a sweep asks of whoever carries it out, whatever its points are: the table its results fill, and workers that
// compute points one at a time. lab/sweep/planned_work.hpp makes it of a plan.
#pragma once

#include "lab/sweep/point.hpp"
#include "models/sweep/sweep.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace switchyard::lab {

// A parameter's value as it is kept: a number in its base unit, or a word.
using ParameterValue = std::variant<double, std::string>;

// A column of the table of points, as column_of_point describes it (lab/sweep/store.hpp).
struct SweepColumn {
    std::string name;
    std::string unit;
    std::string source;
    friend bool operator==(const SweepColumn&, const SweepColumn&) = default;
};

// What the results of a sweep look like.
struct SweepOutline {
    std::string name;
    std::string model_version; // results of another version are other results
    std::vector<SweepColumn> parameters;
    std::vector<SweepColumn> metrics;
    std::vector<std::pair<std::string, std::string>> description; // further keys and values to keep
};

// A row of that table.
struct PointRow {
    PointIdentity identity{};
    std::vector<ParameterValue> parameters; // one a parameter
    std::uint32_t replication = 0;
    std::uint64_t seed = 0;
    PointStatus status = PointStatus::done;
    std::string reason;         // empty where done
    std::vector<double> values; // one a metric; NaN: not known
};

// What a worker has of its own; not for several threads at once.
class PointWorker {
public:
    virtual ~PointWorker() = default;

    // The point's identity, without computing it.
    [[nodiscard]] virtual PointIdentity identify(const PointIndex& index) = 0;
    // Computes it. What is wrong with the point is its status; absent once a stop is requested.
    [[nodiscard]] virtual std::optional<PointResult> compute(const PointIndex& index, const std::stop_token& stop) = 0;
};

// Never changes while it is carried out: every worker reads it.
class SweepWork {
public:
    virtual ~SweepWork() = default;

    [[nodiscard]] virtual const SweepOutline& outline() const = 0;
    [[nodiscard]] virtual const Replications& replications() const = 0;
    [[nodiscard]] virtual std::uint64_t cells() const = 0;
    [[nodiscard]] virtual std::vector<ParameterValue> values_of(std::uint64_t cell) const = 0; // one a parameter
    [[nodiscard]] virtual std::unique_ptr<PointWorker> make_worker() const = 0;
};

// The names of a status in databases and journals: "done", "failed", "over budget".
[[nodiscard]] const char* name_of(PointStatus status);
[[nodiscard]] std::optional<PointStatus> point_status_named(std::string_view name);

// Two cells may come to one configuration, and are one row then: that of the lesser values, whichever is first.
// Numbers are less than words.
[[nodiscard]] bool describes_earlier(const PointRow& one, const PointRow& other);

// The identity as 32 hexadecimal digits.
[[nodiscard]] std::string text_of(const PointIdentity& identity);

} // namespace switchyard::lab
