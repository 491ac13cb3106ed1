// The results of one shard of a sweep, in a text file of their own, for file systems on which a database is not safe.
//
// Append-only; a line each, tab-separated, first the XXH3 checksum (64 bits) of the rest of the line:
//
//     <checksum> switchyard-shard 1 <outline as JSON>        -- what the lines after it are of
//     <checksum> <identity> <replication> <seed> <status> <reason as JSON> <parameter as JSON>... <metric>...
//
// Numbers are the shortest text that reads back as the same. A last line that is torn is dropped by who continues it; a
// line whose checksum is wrong does not count.
#pragma once

#include "lab/sweep/file_guard.hpp"
#include "lab/sweep/result_sink.hpp"

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace switchyard::lab {

// One that is written, and continued where it is there already.
class ShardJournal : public ResultSink {
public:
    // Throws InputError where the file is something else or another sweep's, SystemError where it cannot be written or
    // another process is writing it. Where the sweep has other metrics now, its points there are no longer found.
    ShardJournal(const std::string& path, const SweepOutline& outline);

    // Sees what was there when it was opened: 24 bytes of memory for each such point.
    [[nodiscard]] std::optional<PointRow> find(const PointIdentity& identity) override;
    // One write, and it is on the disk.
    void add(std::span<const PointRow> rows) override;

    [[nodiscard]] std::uint64_t points() const { return places_.size(); } // when it was opened
    [[nodiscard]] std::uint64_t damaged() const { return damaged_; }      // lines that do not count

private:
    struct Place {
        PointIdentity identity{};
        std::uint64_t offset = 0;
    };
    std::string path_;
    WriterLock lock_;
    SweepOutline outline_;
    std::vector<Place> places_; // by identity
    std::uint64_t size_ = 0;
    std::uint64_t damaged_ = 0;
};

// Reads a journal from its beginning: `outline` is called for each outline, `row` for each row after it. Returns how
// many lines did not count. Throws InputError where the file is none.
std::uint64_t read_shard(const std::string& path, const std::function<void(const SweepOutline&)>& outline,
                         const std::function<void(PointRow)>& row);

} // namespace switchyard::lab
