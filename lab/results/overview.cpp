#include "lab/results/overview.hpp"

#include "lab/results/groups.hpp"
#include "lab/results/text.hpp"

#include <fmt/format.h>

namespace switchyard::lab {

namespace {

constexpr std::size_t shown_at_most = 12;
constexpr std::size_t shown_of_many = 3;

} // namespace

SweepOverview overview_of(const ResultsDatabase& database) {
    SweepOverview overview;
    overview.name = database.name();
    overview.about = database.description("about");
    overview.file = database.description("file");
    overview.design = database.description("design");
    overview.seed = database.description("seed");
    overview.model_version = database.description("model_version");
    overview.confidence = confidence_of(database);
    for (const ResultColumn& column : database.columns(ColumnRole::parameter)) {
        ParameterOverview parameter{column, 0, database.values_of(column.name), {}};
        parameter.values = parameter.first.size();
        if (parameter.first.size() > shown_at_most) {
            parameter.last = parameter.first.back();
            parameter.first.resize(shown_of_many);
        }
        overview.parameters.push_back(std::move(parameter));
    }
    overview.metrics = database.columns(ColumnRole::metric);
    for (const StatusCount& count : database.statuses()) {
        overview.points += count.points;
        if (count.status == "done")
            overview.done += count.points;
        else
            overview.failures.push_back(count);
    }
    return overview;
}

std::string values_text(const ParameterOverview& parameter) {
    std::string text;
    for (const ResultValue& value : parameter.first)
        text += (text.empty() ? "" : ", ") + value_text(value, parameter.column.unit);
    if (parameter.last)
        text += fmt::format(" .. {} ({} values)", value_text(*parameter.last, parameter.column.unit), parameter.values);
    return text;
}

} // namespace switchyard::lab
