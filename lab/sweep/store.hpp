// Where a sweep's results are kept: one SQLite database a sweep.
//
// Schema (PRAGMA user_version = 1, application_id = 'SwYd'):
//
//     description(key TEXT PRIMARY KEY, value TEXT)    -- name, about, file, text (of the sweep's file), model_version,
//                                                      -- tool, seed, design, confidence
//     column_of_point(position INTEGER PRIMARY KEY, name TEXT UNIQUE, role TEXT, unit TEXT, source TEXT)
//                                                      -- role: 'parameter' or 'metric'; unit: 'none', 'seconds',
//                                                      -- 'bytes', 'share', 'factor', 'count'; source: the path, law
//                                                      -- or expression
//     point(identity BLOB PRIMARY KEY,                 -- 16 bytes
//           "<parameter>" ...,                         -- REAL in base units, or TEXT for words: one column each
//           replication INTEGER, seed INTEGER,         -- seed: as a signed 64-bit integer of the same bits
//           status TEXT,                               -- 'done', 'failed', 'over budget'
//           reason TEXT,                               -- NULL where done
//           "<metric>" REAL ...) WITHOUT ROWID         -- in base units; NULL: not known
//
//     lacking(identity BLOB, metric TEXT, ...)         -- metrics that were not computed with a point, since the sweep
//                                                      -- did not ask for them yet (elsewhere NULL is what it found)
//
// Two cells that come to the same configuration (a value written twice) are one row, that of the lesser values. A name
// may be a parameter's or a metric's, not both, and none of the other columns'.
//
// WAL, so that results can be read while a sweep writes them. synchronous = NORMAL: what is committed survives the end
// of the process in any case; a machine that loses its power may lose the last commits, but never the database, and the
// points are computed again. FULL would wait for the disk at every commit and save no more than a second's points.
#pragma once

#include "lab/sweep/result_sink.hpp"

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>

namespace switchyard::lab {

inline constexpr std::int64_t store_application = 0x53775964; // "SwYd"
inline constexpr std::int64_t store_schema = 1;

class ResultStore : public ResultSink {
public:
    enum class Purpose : std::uint8_t {
        sweep, // the outline is what the sweep is now: parameters as before, further metrics, other words about it
        merge, // the outline is that of a part of the sweep, maybe of a time when it asked for fewer metrics
    };

    // Opens or makes the database of a sweep; nobody else can write it until this is gone, and then no other file is
    // left beside it. Throws InputError where the file is another sweep's, another program's, of a newer version, or on
    // a network file system; SystemError where it cannot be written, or another process is writing it.
    ResultStore(const std::string& path, const SweepOutline& outline, Purpose purpose = Purpose::sweep);
    ~ResultStore() override;

    // Sees what is committed.
    [[nodiscard]] std::optional<PointRow> find(const PointIdentity& identity) override;
    // One transaction. Of a point that is there already the better row stays: what is done counts more than what
    // failed.
    void add(std::span<const PointRow> rows) override;

    [[nodiscard]] std::uint64_t points();

private:
    struct State;
    std::unique_ptr<State> state_;
};

// All points of a database as comma-separated values, in the order of their identities, numbers as the shortest text
// that reads back as the same: two databases have the same results exactly where this is the same. Throws InputError
// where `path` is no such database.
void sorted_export(const std::string& path, std::ostream& out);

} // namespace switchyard::lab
