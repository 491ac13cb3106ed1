// A database of results made by hand, under the schema of lab/sweep/store.hpp.
#pragma once

#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <sqlite3.h>
#include <string>
#include <variant>
#include <vector>

namespace switchyard::lab {

using SampleValue = std::variant<double, std::string>;

struct SampleColumn {
    std::string name, role, unit, source;
};

struct SamplePoint {
    std::vector<SampleValue> parameters;
    int replication = 0;
    std::vector<double> metrics; // none: it failed
    std::string reason = {};
};

class SampleDatabase {
public:
    SampleDatabase(const std::string& file, std::vector<SampleColumn> columns) : columns_(std::move(columns)) {
        REQUIRE(sqlite3_open(file.c_str(), &database_) == SQLITE_OK);
        run("PRAGMA journal_mode = WAL; PRAGMA application_id = 1400330596; PRAGMA user_version = 1;"
            "CREATE TABLE description(key TEXT PRIMARY KEY, value TEXT);"
            "CREATE TABLE column_of_point(position INTEGER PRIMARY KEY, name TEXT UNIQUE, role TEXT, unit TEXT, source "
            "TEXT);");
        std::string parameters, metrics;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            const SampleColumn& one = columns_[i];
            run("INSERT INTO column_of_point VALUES(" + std::to_string(i) + ", '" + one.name + "', '" + one.role +
                "', '" + one.unit + "', '" + one.source + "')");
            (one.role == "parameter" ? parameters : metrics) +=
                ", \"" + one.name + (one.role == "parameter" ? "\"" : "\" REAL");
        }
        run("CREATE TABLE point(identity BLOB PRIMARY KEY" + parameters +
            ", replication INTEGER, seed INTEGER, status TEXT, reason TEXT" + metrics + ") WITHOUT ROWID");
    }
    ~SampleDatabase() { sqlite3_close(database_); }
    SampleDatabase(const SampleDatabase&) = delete;
    SampleDatabase& operator=(const SampleDatabase&) = delete;

    void describe(const std::string& key, const std::string& value) {
        run("INSERT INTO description VALUES('" + key + "', '" + value + "')");
    }

    // The identity follows from the values, as it does in a sweep.
    void add(const SamplePoint& point) {
        std::string key, sql;
        for (const SampleValue& value : point.parameters)
            if (const double* const number = std::get_if<double>(&value)) {
                char text[64];
                static_cast<void>(std::snprintf(text, sizeof text, "%.17g", *number));
                sql += std::string(", ") + (std::string(text).find_first_of(".e") == std::string::npos
                                                ? std::string(text) + ".0"
                                                : std::string(text));
                key += text;
            } else {
                sql += ", '" + std::get<std::string>(value) + "'";
                key += std::get<std::string>(value);
            }
        key += "/" + std::to_string(point.replication);
        std::uint64_t hash = 14695981039346656037ULL;
        for (const char letter : key) hash = (hash ^ static_cast<unsigned char>(letter)) * 1099511628211ULL;
        char identity[40];
        static_cast<void>(std::snprintf(identity, sizeof identity, "%016llx%016llx",
                                        static_cast<unsigned long long>(hash),
                                        static_cast<unsigned long long>(hash * 31)));
        sql = std::string("INSERT INTO point VALUES(x'") + identity + "'" + sql + ", " +
              std::to_string(point.replication) + ", " + (point.replication == 1 ? "-1" : "5");
        sql += point.metrics.empty() ? ", 'failed', '" + point.reason + "'" : ", 'done', NULL";
        for (std::size_t i = 0, metric = 0; i < columns_.size(); ++i) {
            if (columns_[i].role == "parameter") continue;
            char text[64] = "NULL";
            if (metric < point.metrics.size())
                static_cast<void>(std::snprintf(text, sizeof text, "%.17g", point.metrics[metric]));
            ++metric;
            sql += std::string(", ") + text;
        }
        run(sql + ")");
    }

    void run(const std::string& sql) {
        char* message = nullptr;
        const int result = sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, &message);
        INFO(sql << ": " << (message == nullptr ? "" : message));
        REQUIRE(result == SQLITE_OK);
    }

private:
    sqlite3* database_ = nullptr;
    std::vector<SampleColumn> columns_;
};

// 3 slices x 2 models x 2 replications, one of which failed: overhead is 1 ms / slice, twice that of threads, and 10 %
// more or less by replication; memory 64 MiB and 2 GiB. In another order where `backwards`.
inline void make_sample(const std::string& file, bool backwards = false) {
    SampleDatabase database(file, {{"slice", "parameter", "seconds", "scheduler.slice"},
                                   {"model", "parameter", "none", "model"},
                                   {"overhead", "metric", "seconds", "overhead"},
                                   {"memory.resident", "metric", "bytes", "memory.resident"}});
    database.describe("name", "slices");
    database.describe("about", "Which slice is <long> enough?");
    database.describe("seed", "1");
    database.describe("model_version", "7");
    database.describe("confidence", "0.95");
    std::vector<SamplePoint> points;
    for (const double slice : {0.001, 0.01, 0.1})
        for (const std::string model : {"loop", "threads"})
            for (const int replication : {0, 1}) {
                const double factor = (model == "loop" ? 1 : 2) * (replication == 0 ? 0.9 : 1.1);
                SamplePoint point{{slice, model}, replication, {1e-6 / slice * factor, 0}};
                point.metrics[1] = model == "loop" ? 67108864.0 : 2147483648.0;
                if (slice == 0.1 && model == "threads" && replication == 1)
                    point = {{slice, model}, replication, {}, "a deadlock, with a comma"};
                points.push_back(point);
            }
    if (backwards) points = {points.rbegin(), points.rend()};
    for (const SamplePoint& point : points) database.add(point);
}

} // namespace switchyard::lab
