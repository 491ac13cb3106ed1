// Behaviour as a scenario file that a person can read and edit.
#pragma once

#include "lab/recording/behaviour.hpp"

#include <string>
#include <utility>
#include <vector>

namespace switchyard::lab {

struct MachineOfRecording {
    std::uint32_t cores = 1;
    std::uint32_t hz = 0;
    bool hz_is_known = false;                                   // given, noted or inferred; else the usual
    std::vector<std::pair<std::string, std::string>> scheduler; // policy and its parameters
    std::vector<std::pair<std::string, std::string>> costs;     // machine.costs
};

// What a text says besides: comment lines, without '#'.
using CommentLines = std::vector<std::string>;

// What repeats itself is written as `repeat`, with amounts that differ as sequences: a line for each operation of the
// body, whatever it takes each time.
[[nodiscard]] std::string scenario_text(const std::string& name, const Behaviours& behaviours,
                                        const MachineOfRecording& machine, const CommentLines& comments);

// "4.012345ms": so many ns, exactly, as scenario files take it.
[[nodiscard]] std::string time_text(std::int64_t nanoseconds);

} // namespace switchyard::lab
