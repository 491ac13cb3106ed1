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
// Two cells that come to the same configuration (a value written twice) are one row. A name may be a parameter's or a
// metric's, not both, and none of the other columns'.
#pragma once

#include "lab/sweep/plan.hpp"
#include "lab/sweep/point.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace switchyard::lab {

class ResultStore {
public:
    // Opens or makes the database of a plan. Throws InputError where the file is another sweep's or none of ours,
    // SystemError where it cannot be written, or another process is writing it.
    ResultStore(const std::string& path, const SweepPlan& plan);
    ~ResultStore();

    // Whether the point is there with all metrics asked for; a failed point is there, too.
    [[nodiscard]] bool contains(const PointIdentity& identity);
    // What it found, for stopping rules. Absent where it is not there.
    [[nodiscard]] std::optional<PointResult> find(const PointIdentity& identity);

    // One transaction. Throws SystemError (a full disk) and has then added none of them.
    void add(std::span<const PointResult> points);

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace switchyard::lab
