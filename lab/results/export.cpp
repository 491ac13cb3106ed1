#include "lab/results/export.hpp"

#include "formats/json/document.hpp"
#include "lab/results/text.hpp"
#include "models/errors.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numeric>
#include <ostream>

namespace switchyard::lab {

namespace {

using Row = std::vector<ResultValue>;

std::string csv_text(const std::string& text) {
    if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char letter : text) quoted += letter == '"' ? "\"\"" : std::string(1, letter);
    return quoted + "\"";
}

std::string csv_text(const ResultValue& value) {
    if (const double* const number = std::get_if<double>(&value)) return exact_number(*number);
    if (const std::string* const word = std::get_if<std::string>(&value)) return csv_text(*word);
    return "";
}

formats::Json json_of(const std::string& text) { return formats::Json(text); }

std::string json_line(const formats::Json& value) {
    return value.dump(-1, ' ', false, formats::Json::error_handler_t::replace);
}

std::string json_text_of(const ResultValue& value) {
    if (const double* const number = std::get_if<double>(&value))
        return std::isfinite(*number) ? exact_number(*number) : "null";
    if (const std::string* const word = std::get_if<std::string>(&value)) return json_line(json_of(*word));
    return "null";
}

void write_csv(std::ostream& stream, const ExportTable& table) {
    std::string line;
    for (const ExportColumn& column : table.columns) line += (line.empty() ? "" : ",") + csv_text(column.name);
    stream << line << '\n';
    table.for_each([&](const Row& row) {
        line.clear();
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i > 0) line += ',';
            line += csv_text(row[i]);
        }
        stream << line << '\n';
    });
}

void write_json(std::ostream& stream, const ResultsDatabase& database, const ExportTable& table) {
    stream << "{\n  \"schema_version\": 1,\n  \"kind\": \"sweep results\",\n";
    stream << "  \"sweep\": " << json_line(json_of(database.name())) << ",\n";
    stream << "  \"model_version\": " << json_line(json_of(database.description("model_version"))) << ",\n";
    stream << "  \"columns\": [";
    bool is_first = true;
    for (const ExportColumn& column : table.columns) {
        constexpr std::array<const char*, 3> roles{"parameter", "metric", "point"};
        stream << (is_first ? "\n    " : ",\n    ")
               << json_line({{"name", column.name},
                             {"role", roles[static_cast<std::size_t>(column.role)]},
                             {"unit", name_of(column.unit)}});
        is_first = false;
    }
    stream << "\n  ],\n  \"rows\": [";
    is_first = true;
    std::string line;
    table.for_each([&](const Row& row) {
        line = is_first ? "\n    [" : ",\n    [";
        is_first = false;
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i > 0) line += ", ";
            line += json_text_of(row[i]);
        }
        stream << line << ']';
    });
    stream << (is_first ? "]\n}\n" : "\n  ]\n}\n");
}

// Where among the columns each chosen one is: a metric's name stands for all of its aggregates.
std::vector<std::size_t> chosen_columns(const std::vector<ExportColumn>& columns,
                                        const std::vector<std::string>& wanted) {
    std::vector<std::size_t> chosen;
    if (wanted.empty()) {
        chosen.resize(columns.size());
        std::iota(chosen.begin(), chosen.end(), std::size_t{0});
    }
    for (const std::string& name : wanted) {
        const std::size_t before = chosen.size();
        std::vector<std::string_view> candidates;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            candidates.emplace_back(columns[i].name);
            if (columns[i].name == name || (!name.empty() && columns[i].metric == name)) chosen.push_back(i);
        }
        if (chosen.size() == before)
            throw InputError(fmt::format("there is no column '{}'{}; there are: {}", name, suggestion(name, candidates),
                                         fmt::join(candidates, ", ")));
    }
    return chosen;
}

// Not known before numbers before words, as SQLite has it.
bool is_less(const ResultValue& first, const ResultValue& second) { return first < second; }

} // namespace

ExportTable table_of_points(const ResultsDatabase& database, const PointTableQuery& query) {
    PointQuery points{query.columns, query.condition, query.order, query.limit};
    if (points.columns.empty()) {
        points.columns = database.names(ColumnRole::parameter);
        for (const char* const name : {"replication", "seed", "status", "reason"}) points.columns.emplace_back(name);
        for (const std::string& name : database.names(ColumnRole::metric)) points.columns.push_back(name);
        points.columns.emplace_back("identity");
    }
    ExportTable table;
    for (const std::string& name : points.columns) {
        const ResultColumn& column = database.column(name);
        table.columns.push_back({column.name, column.role, column.unit});
    }
    for (const SortKey& key : points.order) static_cast<void>(database.column(key.column)); // before a header is out
    table.for_each = [&database, points](const auto& use) { database.for_each(points, use); };
    return table;
}

ExportTable table_of_groups(const ResultsDatabase& database, const GroupTableQuery& query) {
    std::vector<ExportColumn> columns;
    for (const std::string& name : query.groups.by) {
        const ResultColumn& column = database.column(name);
        columns.push_back({column.name, column.role, column.unit});
    }
    columns.push_back({"points", ColumnRole::point, ValueUnit::count});
    for (const std::string& name : query.groups.metrics) {
        const ValueUnit unit = database.column(name).unit;
        for (const Aggregate& aggregate : query.aggregates) {
            if (aggregate.kind == Aggregate::Kind::interval) {
                columns.push_back({name + ".low", ColumnRole::metric, unit, name});
                columns.push_back({name + ".high", ColumnRole::metric, unit, name});
            } else {
                columns.push_back({name + "." + aggregate.name, ColumnRole::metric,
                                   aggregate.kind == Aggregate::Kind::count ? ValueUnit::count : unit, name});
            }
        }
    }
    const std::vector<std::size_t> chosen = chosen_columns(columns, query.columns);
    std::vector<std::pair<std::size_t, bool>> order;
    for (const SortKey& key : query.order)
        order.emplace_back(chosen_columns(columns, {key.column}).front(), key.descending);

    const auto row_of = [query](const ResultGroup& group) {
        Row row = group.keys;
        row.emplace_back(static_cast<double>(group.points));
        for (const Samples& samples : group.metrics)
            for (const Aggregate& aggregate : query.aggregates) {
                const auto value = value_of(aggregate, samples, query.confidence);
                const auto add = [&row](std::optional<double> figure) {
                    if (figure)
                        row.emplace_back(*figure);
                    else
                        row.emplace_back();
                };
                if (aggregate.kind == Aggregate::Kind::interval) {
                    add(value ? std::optional(*samples.mean() - *value) : std::nullopt);
                    add(value ? std::optional(*samples.mean() + *value) : std::nullopt);
                } else {
                    add(value);
                }
            }
        return row;
    };

    ExportTable table;
    for (const std::size_t at : chosen) table.columns.push_back(columns[at]);
    table.for_each = [&database, query, chosen, order, row_of](const auto& use) {
        const auto give = [&](const Row& row) {
            Row part;
            for (const std::size_t at : chosen) part.push_back(row[at]);
            use(part);
        };
        std::uint64_t left = query.limit.value_or(std::numeric_limits<std::uint64_t>::max());
        std::vector<Row> rows;
        for_each_group(database, query.groups, [&](const ResultGroup& group) {
            if (!order.empty())
                rows.push_back(row_of(group));
            else if (left > 0) {
                give(row_of(group));
                --left;
            }
        });
        std::ranges::stable_sort(rows, [&](const Row& first, const Row& second) {
            for (const auto& [at, descending] : order) {
                if (is_less(first[at], second[at])) return !descending;
                if (is_less(second[at], first[at])) return descending;
            }
            return false;
        });
        for (const Row& row : rows)
            if (left > 0) {
                give(row);
                --left;
            }
    };
    return table;
}

void write_table(std::ostream& stream, const ResultsDatabase& database, const ExportTable& table, ExportForm form) {
    if (form == ExportForm::csv)
        write_csv(stream, table);
    else
        write_json(stream, database, table);
    if (!stream) throw SystemError("the results could not be written");
}

SortKey parse_sort_key(const std::string& text) {
    if (text.starts_with('-')) return {text.substr(1), true};
    return {text, false};
}

} // namespace switchyard::lab
