// Results for other programs: CSV and JSON, in base units, in an order that does not depend on when points were added.
//
// The same points give the same bytes, whatever computed them. Points are written as they are read: a million take no
// more memory than ten. (Groups that are sorted by a metric are held until all are known.)
#pragma once

#include "lab/results/groups.hpp"

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace switchyard::lab {

enum class ExportForm : std::uint8_t { csv, json };

// A column of what is written: of a point its own, of groups also "overhead.mean", "overhead.low".
struct ExportColumn {
    std::string name;
    ColumnRole role = ColumnRole::point;
    ValueUnit unit = ValueUnit::none;
    std::string metric = {}; // of which metric it is an aggregate
};

// A table whose rows come one after the other.
struct ExportTable {
    std::vector<ExportColumn> columns;
    std::function<void(const std::function<void(const std::vector<ResultValue>& row)>& use)> for_each;
};

// Points: by default all columns, parameters first. Refers to the database.
struct PointTableQuery {
    Condition condition;
    std::vector<std::string> columns; // empty: all
    std::vector<SortKey> order;
    std::optional<std::uint64_t> limit;
};
[[nodiscard]] ExportTable table_of_points(const ResultsDatabase& database, const PointTableQuery& query);

// Groups: their keys, "points", then each metric's aggregates.
struct GroupTableQuery {
    GroupQuery groups;
    std::vector<Aggregate> aggregates;
    double confidence = 0.95;
    std::vector<std::string> columns; // of the table's; a metric's name stands for all of its aggregates. Empty: all
    std::vector<SortKey> order;       // a metric's name stands for its first aggregate
    std::optional<std::uint64_t> limit;
};
[[nodiscard]] ExportTable table_of_groups(const ResultsDatabase& database, const GroupTableQuery& query);

// Throws SystemError where the stream fails.
void write_table(std::ostream& stream, const ResultsDatabase& database, const ExportTable& table, ExportForm form);

// "-overhead" sorts from the highest down.
[[nodiscard]] SortKey parse_sort_key(const std::string& text);

} // namespace switchyard::lab
