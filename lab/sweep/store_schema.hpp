// Whether a database is a sweep's, and making it one: the tables of lab/sweep/store.hpp.
#pragma once

#include "lab/sweep/sqlite.hpp"
#include "lab/sweep/work.hpp"

#include <string>
#include <vector>

namespace switchyard::lab {

struct StoreColumns {
    std::vector<std::string> unasked; // metrics in the database that the outline does not have
};

// Makes an empty database that of a sweep, or checks that it is the same sweep's, and adds the metrics it has not yet.
// With `renew` what it says of the sweep becomes the outline's; a metric whose expression is another one now has to be
// computed again. Without, such a metric is an error. Throws InputError, before anything is changed.
[[nodiscard]] StoreColumns prepare_store(SqliteDatabase& database, const SweepOutline& outline, bool renew);

// What a database of a sweep says of itself, for who only reads it. Throws InputError where it is none.
[[nodiscard]] SweepOutline read_outline(SqliteDatabase& database);

// Why points of `outline` do not belong to those of `kept`; empty where they do.
[[nodiscard]] std::string why_another_sweep(const SweepOutline& kept, const SweepOutline& outline);

} // namespace switchyard::lab
