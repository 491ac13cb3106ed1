#include "lab/sweep/sqlite.hpp"
#include "lab/sweep/store.hpp"
#include "lab/sweep/store_schema.hpp"

#include <fmt/format.h>
#include <ostream>

namespace switchyard::lab {

namespace {

std::string cell_text(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    return quoted_name(text); // as RFC 4180 doubles quotes
}

} // namespace

void sorted_export(const std::string& path, std::ostream& out) {
    SqliteDatabase database(path, SqliteDatabase::Access::read);
    const SweepOutline outline = read_outline(database);
    std::string wanted = "identity", title = "identity";
    const auto add = [&](const std::string& name) {
        wanted += ", " + quoted_name(name);
        title += ',' + cell_text(name);
    };
    for (const SweepColumn& one : outline.parameters) add(one.name);
    for (const char* const name : {"replication", "seed", "status", "reason"}) add(name);
    for (const SweepColumn& one : outline.metrics) add(one.name);
    out << title << '\n';
    SqliteStatement rows(database, fmt::format("SELECT {} FROM point ORDER BY identity", wanted));
    const int columns = sqlite3_column_count(rows.handle());
    const int seed = static_cast<int>(outline.parameters.size()) + 2;
    while (rows.step()) {
        std::string line;
        for (const std::uint8_t byte : rows.blob(0)) fmt::format_to(std::back_inserter(line), "{:02x}", byte);
        for (int column = 1; column < columns; ++column) {
            line += ',';
            if (rows.is_null(column)) continue;
            if (rows.is_text(column))
                line += cell_text(rows.text(column));
            else if (column == seed)
                line += fmt::format("{}", static_cast<std::uint64_t>(rows.integer(column)));
            else
                line += fmt::format("{}", rows.number(column));
        }
        out << line << '\n';
    }
}

} // namespace switchyard::lab
