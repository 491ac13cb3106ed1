// Comparisons as JSON: the stable form of `switchyard validate --json`.
//
//     {"schema_version": 1, "passed": true, "comparisons": [
//       {"scenario": "...", "file": "...", "passed": true, "foreign_load": 0.01,
//        "metrics": [{"name": "overhead", "unit": "seconds", "predicted": 0.018, "predicted_interval": [.., ..],
//                     "measured": 0.019, "measured_interval": [.., ..], "error": -0.05, "target": 0.1, "met": true}],
//        "prediction": {report}, "native": [{report}, ...]}]}
//
// What is not known is absent.
#pragma once

#include "lab/compare/comparison.hpp"

#include <span>
#include <string>

namespace switchyard::lab {

[[nodiscard]] std::string comparisons_to_json(std::span<const Comparison> comparisons);

} // namespace switchyard::lab
