// Reports as JSON: the stable form behind `--json`, for scripts, for comparison later and for other programs.
//
// Keys are in snake case; times are integers in picoseconds under names that end in _ps, sizes integers in bytes under
// names that end in _bytes. What the executor does not know is absent, never zero or null. Keys may be added within a
// schema version, none changes its meaning. A sum of times that exceeds 2^63 ps has "laps" beside it: the sum is
// laps x 2^63 + sum_ps. A histogram is {count, least_ps, most_ps, values: [[value_ps, times], ...]}, ascending, where a
// value may be the middle of a bucket (models/report/histogram.hpp).
#pragma once

#include "formats/json/document.hpp"
#include "models/report/report.hpp"

#include <string>
#include <string_view>

namespace switchyard::formats {

// The report as a document, alone or to be part of a larger one. "overhead_ps" and each "mean_ps" follow from the other
// figures and are there for whoever reads the file with something else.
[[nodiscard]] Json report_json(const Report& report);
[[nodiscard]] std::string report_to_json(const Report& report);

// The report in a document: the one that was written, but for `counters_known` being empty where all were. Keys it does
// not know are passed over. Throws InputError, with file and JSON path, for what is not JSON, another schema version,
// missing fields and values of the wrong kind.
[[nodiscard]] Report parse_report(std::string_view json, const std::string& file_name);
[[nodiscard]] Report report_from(const JsonValue& json);

// The same from a file ("-": standard input).
[[nodiscard]] Report read_report(const std::string& path);

} // namespace switchyard::formats
