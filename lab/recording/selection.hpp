// Which of a recording's threads are to become a scenario.
#pragma once

#include "lab/recording/survey.hpp"

#include <optional>
#include <string>
#include <vector>

namespace switchyard::lab {

struct SelectionOptions {
    std::vector<std::string> only; // names, process or thread numbers; empty: see select_threads
    bool all = false;              // everybody, the kernel's threads too
};

struct Selection {
    std::vector<bool> is_part; // by thread
    std::string why;           // "the recorded command and what it started"
    [[nodiscard]] bool has(ThreadId thread) const { return thread < is_part.size() && is_part[thread]; }
};

// By default the recorded command (what perf or `switchyard record` started) and all that descends from it; where there
// is none, the users' threads that had at least a hundredth of a processor, and their descendants. Throws InputError
// where nobody is left, or a name or number is nobody's.
[[nodiscard]] Selection select_threads(const NumberedRecording& recording, const Survey& survey,
                                       const SelectionOptions& options);

} // namespace switchyard::lab
