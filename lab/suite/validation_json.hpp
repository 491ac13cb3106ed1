// Validations as JSON: the stable form of `switchyard validate --json`, and what `--from` and `compare` read.
//
//     {"schema_version": 2, "kind": "validation", "passed": true, "tool": "...", "date": "...",
//      "machine": {"cpu": "...", "kernel": "...", "cpus": 2, "hz": 250}, "profile": {"name": "...", "date": "..."},
//      "rounds": 5, "drift": [{"probe": "yield", "picoseconds": [.., ..]}],
//      "summary": {"holds": true, "rows": 90, "met": 85, "too_noisy": 3, "counts": 40, "counts_met": 40,
//                  "families": [{...}]},
//      "comparisons": [
//       {"scenario": "...", "family": "...", "file": "...", "passed": true, "foreign_load": 0.01, "speed": 1.02,
//        "costs": {"system calls": 1.02}, "basis": "predicted", "unmeasured": ["fork"],
//        "metrics": [{"name": "overhead", "kind": "time", "unit": "seconds", "predicted": 0.018,
//                     "predicted_interval": [.., ..], "measured": 0.019, "measured_interval": [.., ..],
//                     "error": -0.05, "target": 0.1, "spread": 0.02, "rounds": [..], "met": true}],
//        "distributions": [{"name": "task.hog.run_length", "predicted": {"count": 900, "steps": [[s, share], ..]},
//                           "measured": {..}}],
//        "breakdown": {"predicted": {"work": .., "system": .., "idle": ..}, "measured": {..}, "charged": {..}},
//        "prediction": {report}, "native": [{report}, ...], "phases": [..], "captured": [..]}]}
//
// A row that was too noisy to tell has "too_noisy": true in place of "met". Whole reports are long; they are there only
// where they are given: the last line above. What is not known is absent. A distribution's distance is a metric,
// "NAME.distance". Summary and "passed" follow from the rest and are not read.
#pragma once

#include "lab/suite/validation.hpp"

#include <span>
#include <string>
#include <string_view>

namespace switchyard::lab {

// `whole`: the comparisons of the same scenarios in the same order, whose reports go in as well; or none.
[[nodiscard]] std::string validation_to_json(const Validation& validation, std::span<const Comparison> whole = {});

// Throws InputError, with file and JSON path, for what is not JSON, another schema version, another kind of document,
// missing fields and values of the wrong kind.
[[nodiscard]] Validation parse_validation(std::string_view json, const std::string& file_name);
[[nodiscard]] Validation read_validation(const std::string& path); // "-": standard input

} // namespace switchyard::lab
