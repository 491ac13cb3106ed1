// Two documents of the same kind side by side: reports of runs, simulated or real, or validations.
#pragma once

#include "lab/suite/validation.hpp"
#include "models/report/report.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace switchyard::lab {

// What `run --json`, `native --json` and `validate --json` write.
using Document = std::variant<Report, Validation>;

// Throws InputError, with file and JSON path, for what is none of these.
[[nodiscard]] Document parse_document(std::string_view json, const std::string& file_name);
[[nodiscard]] Document read_document(const std::string& path); // "-": standard input

struct Difference {
    std::string about; // "task A", "all processes", a validation's scenario; empty: the whole run
    std::string name;
    MetricUnit unit = MetricUnit::time;
    std::optional<double> first; // in seconds, counts, bytes or shares; absent where that one does not know it
    std::optional<double> second;

    // (second - first) / |first|; nothing where one is absent, or only the first is 0.
    [[nodiscard]] std::optional<double> relative() const;
};

// Figures that either knows: of the whole run, of each kind of task (its instances together) and of each task.
[[nodiscard]] std::vector<Difference> differences(const Report& first, const Report& second);

// What was measured of each scenario that both have, and the errors of both predictions ("overhead error").
[[nodiscard]] std::vector<Difference> differences(const Validation& first, const Validation& second);

// Throws InputError where the two are not of one kind.
[[nodiscard]] std::vector<Difference> differences(const Document& first, const Document& second);

} // namespace switchyard::lab
