// Comparisons as JSON: the stable form of `switchyard validate --json`.
//
//     {"schema_version": 1, "passed": true, "comparisons": [
//       {"scenario": "...", "file": "...", "passed": true, "foreign_load": 0.01,
//        "metrics": [{"name": "overhead", "unit": "seconds", "predicted": 0.018, "predicted_interval": [.., ..],
//                     "measured": 0.019, "measured_interval": [.., ..], "error": -0.05, "target": 0.1, "met": true}],
//        "distributions": [{"name": "task.hog.run_length", "distance": 0.04, "by_chance": 0.02, "target": 0.1, "met":
//        true,
//                           "predicted": {"count": 900, "p50_ps": .., "p99_ps": .., "most_ps": ..}, "measured": {..}}],
//        "prediction": {report}, "native": [{report}, ...], "phases": [..], "captured": [..]}]}
//
// Whole reports are long; `Reports::none` leaves them out: the last line above.
//
// What is not known is absent.
#pragma once

#include "lab/compare/comparison.hpp"

#include <span>
#include <string>

namespace switchyard::lab {

enum class Reports : std::uint8_t { all, none };

[[nodiscard]] std::string comparisons_to_json(std::span<const Comparison> comparisons, Reports reports = Reports::all);

} // namespace switchyard::lab
