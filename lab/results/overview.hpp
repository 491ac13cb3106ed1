// What a sweep is about and how far it is: what is said before any figure.
#pragma once

#include "lab/results/database.hpp"

#include <string>
#include <vector>

namespace switchyard::lab {

struct ParameterOverview {
    ResultColumn column;
    std::uint64_t values = 0;        // how many different ones
    std::vector<ResultValue> first;  // the first few of them, in order
    std::optional<ResultValue> last; // where there are more than these
};

struct SweepOverview {
    std::string name;
    std::string about;
    std::string file;
    std::string design;
    std::string seed;
    std::string model_version;
    double confidence = 0.95;
    std::vector<ParameterOverview> parameters;
    std::vector<ResultColumn> metrics;
    std::uint64_t points = 0;
    std::uint64_t done = 0;
    std::vector<StatusCount> failures; // by reason, the most frequent first
};

[[nodiscard]] SweepOverview overview_of(const ResultsDatabase& database);

// "1 ms, 10 ms, 100 ms", "1 ms, 2 ms, 3 ms .. 1 s (20 values)".
[[nodiscard]] std::string values_text(const ParameterOverview& parameter);

} // namespace switchyard::lab
