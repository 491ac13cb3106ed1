// What a calibration has measured so far, in a file: one that is broken off goes on from there.
//
// A line of JSON each: first what the figures belong to, then every run of a probe as it ends, written at once. A line
// that was not finished does not count.
#pragma once

#include "lab/calibrate/summary.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace switchyard::lab {

// After this long a machine has drifted too far for rounds to be put together.
inline constexpr std::int64_t most_journal_seconds = 3600;

// What figures belong to: whoever differs in any of this has others.
struct JournalHeader {
    std::string tool;
    std::string machine;    // processor and kernel
    std::string probes;     // all of them with their amounts and weights, and how they are run
    std::int64_t begun = 0; // seconds since 1970
};

// One run of a probe.
struct JournalEntry {
    std::uint32_t round = 0;
    std::string probe;
    std::int64_t amount = 0;
    RoundFigure figure;
    std::string failure;            // empty where it took samples
    std::vector<std::string> notes; // isolation that was not to be had
    double seconds = 0;             // that it took, again and again included
    double asked_seconds = 0;       // of them those it was to sample for
    double foreign_load = 0;
    std::uint32_t again = 0; // measured so many times before, under too much foreign load
};

class Journal {
public:
    // Without a path nothing is kept. Otherwise what is in the file is there in `entries`, if it belongs to `header`
    // and is not too old; else it is dropped, and `remark` says why. Throws SystemError where the file cannot be
    // written, or another calibration is writing it.
    Journal(std::string path, const JournalHeader& header);
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    [[nodiscard]] const std::vector<JournalEntry>& entries() const { return entries_; }
    [[nodiscard]] const JournalEntry* find(std::uint32_t round, const std::string& probe, std::int64_t amount) const;
    [[nodiscard]] const std::string& remark() const { return remark_; } // one sentence, or empty
    [[nodiscard]] std::int64_t begun() const { return begun_; }

    void add(const JournalEntry& entry);

private:
    std::string path_;
    int file_ = -1;
    std::int64_t begun_ = 0;
    std::vector<JournalEntry> entries_;
    std::string remark_;
};

} // namespace switchyard::lab
