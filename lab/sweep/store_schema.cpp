#include "lab/sweep/store_schema.hpp"

#include "lab/sweep/store.hpp"
#include "models/errors.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace switchyard::lab {

namespace {

std::string names_of(const std::vector<SweepColumn>& columns) {
    std::string text;
    for (const SweepColumn& one : columns) text += (text.empty() ? "" : ", ") + one.name;
    return text;
}

// Whether there is nothing in it yet; throws where it is no sweep's.
bool is_empty(SqliteDatabase& database) {
    std::int64_t application = 0, schema = 0, tables = 0;
    try {
        application = database.integer("PRAGMA application_id");
        schema = database.integer("PRAGMA user_version");
        tables = database.integer("SELECT count(*) FROM sqlite_master");
    } catch (const SystemError&) {
        if (sqlite3_errcode(database.handle()) != SQLITE_NOTADB) throw;
        throw InputError(fmt::format("{} is no database: write results to another file (-o)", database.path()));
    }
    if (application == 0 && tables == 0) return true;
    if (application != store_application)
        throw InputError(
            fmt::format("{} is the database of another program: write results to another file (-o)", database.path()));
    if (schema > store_schema)
        throw InputError(fmt::format("{} was written by a newer switchyard (its schema is {}, this one's {}): use that "
                                     "one, or write results to another file (-o)",
                                     database.path(), schema, store_schema));
    return false;
}

void create(SqliteDatabase& database, const SweepOutline& outline) {
    std::string columns;
    for (const SweepColumn& one : outline.parameters) columns += quoted_name(one.name) + ", ";
    columns += "replication INTEGER, seed INTEGER, status TEXT, reason TEXT";
    for (const SweepColumn& one : outline.metrics) columns += ", " + quoted_name(one.name) + " REAL";
    database.execute(
        fmt::format("CREATE TABLE description(key TEXT PRIMARY KEY, value TEXT);"
                    "CREATE TABLE column_of_point(position INTEGER PRIMARY KEY, name TEXT UNIQUE, role TEXT, unit "
                    "TEXT, source TEXT);"
                    "CREATE TABLE point(identity BLOB PRIMARY KEY, {}) WITHOUT ROWID;"
                    "CREATE TABLE lacking(identity BLOB, metric TEXT, PRIMARY KEY(identity, metric)) WITHOUT ROWID;"
                    "PRAGMA application_id = {}; PRAGMA user_version = {}",
                    columns, store_application, store_schema));
}

void describe(SqliteDatabase& database, const SweepOutline& outline, const std::vector<SweepColumn>& unasked) {
    SqliteStatement keep(database, "INSERT OR REPLACE INTO description VALUES (?, ?)");
    const auto say = [&](std::string_view key, std::string_view value) {
        keep.bind(0, key);
        keep.bind(1, value);
        keep.run();
    };
    for (const auto& [key, value] : outline.description) say(key, value);
    say("name", outline.name);
    say("model_version", outline.model_version);
    database.execute("DELETE FROM column_of_point");
    SqliteStatement add(database, "INSERT INTO column_of_point(name, role, unit, source) VALUES (?, ?, ?, ?)");
    const auto add_all = [&](const std::vector<SweepColumn>& columns, std::string_view role) {
        for (const SweepColumn& one : columns) {
            add.bind(0, std::string_view(one.name));
            add.bind(1, role);
            add.bind(2, std::string_view(one.unit));
            add.bind(3, std::string_view(one.source));
            add.run();
        }
    };
    add_all(outline.parameters, "parameter");
    add_all(outline.metrics, "metric");
    add_all(unasked, "metric");
}

// No point there has this metric as it is to be.
void has_to_be_computed(SqliteDatabase& database, const std::string& metric) {
    SqliteStatement lack(database, "INSERT OR IGNORE INTO lacking SELECT identity, ? FROM point");
    lack.bind(0, std::string_view(metric));
    lack.run();
}

void in_one_transaction(SqliteDatabase& database, const auto& change) {
    database.execute("BEGIN IMMEDIATE");
    try {
        change();
        database.execute("COMMIT");
    } catch (...) {
        if (sqlite3_get_autocommit(database.handle()) == 0)
            sqlite3_exec(database.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
        throw;
    }
}

void check(const std::string& path, const SweepOutline& kept, const SweepOutline& outline) {
    const std::string why = why_another_sweep(kept, outline);
    if (!why.empty()) throw InputError(fmt::format("{} {}: write results to another file (-o)", path, why));
}

} // namespace

std::string why_another_sweep(const SweepOutline& kept, const SweepOutline& outline) {
    if (kept.name != outline.name) return fmt::format("holds the sweep '{}', not '{}'", kept.name, outline.name);
    const auto same_meaning = [](const SweepColumn& one, const SweepColumn& other) {
        return one.name == other.name && one.unit == other.unit;
    };
    if (!std::ranges::is_permutation(kept.parameters, outline.parameters, same_meaning))
        return fmt::format("holds a sweep '{}' over other parameters ({}; here {})", kept.name,
                           names_of(kept.parameters), names_of(outline.parameters));
    if (kept.model_version != outline.model_version)
        return fmt::format("holds points of another version of the model ({}, this is {})", kept.model_version,
                           outline.model_version);
    return {};
}

SweepOutline read_outline(SqliteDatabase& database) {
    if (is_empty(database)) throw InputError(fmt::format("{} holds no sweep yet", database.path()));
    SweepOutline outline;
    SqliteStatement description(database, "SELECT key, value FROM description ORDER BY key");
    while (description.step()) {
        const std::string key = description.text(0);
        if (key == "name")
            outline.name = description.text(1);
        else if (key == "model_version")
            outline.model_version = description.text(1);
        else
            outline.description.emplace_back(key, description.text(1));
    }
    SqliteStatement columns(database, "SELECT name, role, unit, source FROM column_of_point ORDER BY position");
    while (columns.step()) {
        std::vector<SweepColumn>& group = columns.text(1) == "parameter" ? outline.parameters : outline.metrics;
        group.push_back({columns.text(0), columns.text(2), columns.text(3)});
    }
    return outline;
}

StoreColumns prepare_store(SqliteDatabase& database, const SweepOutline& outline, bool renew) {
    const bool empty = is_empty(database);
    if (!empty) check(database.path(), read_outline(database), outline);
    // The cache holds the index of some million points; the rest of the file is the kernel's to keep.
    database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8192");
    StoreColumns result;
    in_one_transaction(database, [&] {
        if (empty) {
            create(database, outline);
            return describe(database, outline, {});
        }
        const SweepOutline kept = read_outline(database);
        for (const SweepColumn& metric : outline.metrics) {
            const auto before = std::ranges::find(kept.metrics, metric.name, &SweepColumn::name);
            if (before == kept.metrics.end()) {
                database.execute(fmt::format("ALTER TABLE point ADD COLUMN {} REAL", quoted_name(metric.name)));
                has_to_be_computed(database, metric.name);
            } else if (*before != metric && !renew) {
                throw InputError(fmt::format("{} has another metric '{}' ({}, here {})", database.path(), metric.name,
                                             before->source, metric.source));
            } else if (before->source != metric.source) {
                has_to_be_computed(database, metric.name);
            }
        }
        std::vector<SweepColumn> unasked;
        for (const SweepColumn& metric : kept.metrics)
            if (std::ranges::find(outline.metrics, metric.name, &SweepColumn::name) == outline.metrics.end())
                unasked.push_back(metric);
        for (const SweepColumn& metric : unasked) result.unasked.push_back(metric.name);
        if (renew) return describe(database, outline, unasked);
        SweepOutline both = kept; // a part of it that is merged adds at most metrics
        for (const SweepColumn& metric : outline.metrics)
            if (std::ranges::find(kept.metrics, metric.name, &SweepColumn::name) == kept.metrics.end())
                both.metrics.push_back(metric);
        describe(database, both, {});
    });
    return result;
}

} // namespace switchyard::lab
