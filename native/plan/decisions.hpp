// Parts of programs that are executed as often as other tasks let them: the bodies of `if`, `while`, `try_lock` and
// for_each, and of repeats that belong to the request in hand.
//
// What lies in them cannot be drawn before the run, so it is drawn when a task comes to it, under the same keys.
#pragma once

#include "models/scenario/program.hpp"
#include "native/plan/bounds.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace switchyard::native {

// Whether what is at +1 is executed as often as others decide.
[[nodiscard]] bool is_decided_by_others(const Operation& operation);

// For such an operation at `at`: the first that is executed whatever is decided.
[[nodiscard]] std::uint32_t behind_decision(const Program& program, std::uint32_t at);

// By operation: whether it lies in such a part.
[[nodiscard]] std::vector<bool> conditional_operations(const Program& program);

// Why a task with this program cannot be run natively on their account: there is no bound to what has to have room
// (children, jobs, requests), or it would have to be drawn beforehand. `executions` are its bounds.
[[nodiscard]] std::optional<std::string> why_not_decided(const Program& program,
                                                         const std::vector<std::uint64_t>& executions);

// So much room for what lies in them, at most, all instances together.
struct Undecided {
    std::uint64_t children = 0;
    std::uint64_t jobs = 0;
    std::uint64_t requests = 0; // also of what lies elsewhere
};
[[nodiscard]] Undecided undecided(const Program& program, const std::vector<std::uint64_t>& executions);

} // namespace switchyard::native
