// Cost profiles as JSON files: what `calibrate` writes and `--profile` reads.
//
//     {
//       "schema_version": 2,
//       "name": "reference",
//       "origin": {"cpu": "...", "kernel": "...", "date": "...", "tool": "...", "cpus": 2, "foreign_load": 0.01,
//                  "highest_foreign_load": 0.03, "measured_again": 4},
//       "hz": 250,
//       "iteration_ps": 812.5,
//       "kernel": {"base_slice": {"value": "700 us", "from": "/proc/self/sched: 1.4 ms for 2 processors"}},
//       "laws": {
//         "switch.context": {"unit": "ns", "law": "constant", "base": 461.2, "interval": [455, 467.5],
//                            "origin": {...}},
//         "fork": {"unit": "ns", "law": "affine", "base": 25000, "terms": [{"per": "pages", "value": 20.1}]},
//         "tick": {"unit": "ns", "law": "table", "over": "runnable_tasks", "points": [[1, 800], [10, 950]]}
//       },
//       "warnings": []
//     }
//
// The origin of a law says what it is of: {"probe", "samples", "rounds", "warning", "points": [...]}, each point
// {"probe", "at", "seen", "value", "interval", "samples", "dropped", "rounds", "held_out", "error"} (MeasuredPoint in
// models/machine/law.hpp), with "fitted" and "held_out" {"points", "mean_error", "largest_error"} over those the law
// was fitted to and those it was only judged by, which follow from them.
//
// All figures of a law are in its unit, which follows from the cost and is there to be read: "ns" or "bytes". A cost
// that is not listed is not known. Where nothing is said, "interval" is absent, "origin", "kernel" and "warnings" are
// empty. Version 1 had no "kernel", no "points" and nothing of loads but the first: such files are read all the same.
#pragma once

#include "models/machine/profile.hpp"

#include <string>
#include <string_view>

namespace switchyard::formats {

// The profile as a document. Reading it gives the same profile: laws exactly (as far as figure.hpp can promise), the
// ends of intervals to 15 significant digits.
[[nodiscard]] std::string profile_to_json(const CostProfile& profile);

// The profile in a document. Throws InputError, with file and JSON path, for what is not JSON, a newer schema version,
// unknown costs, laws and quantities, unknown and missing fields, another unit, figures that are not finite or too
// large, and tables that do not rise.
[[nodiscard]] CostProfile parse_profile(std::string_view json, const std::string& file_name);

// The same from and to a file ("-": standard input, standard output). A file is written whole or not at all.
[[nodiscard]] CostProfile read_profile(const std::string& path);
void write_profile(const CostProfile& profile, const std::string& path);

} // namespace switchyard::formats
