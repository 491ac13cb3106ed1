// Parts of programs that are executed as often as other tasks let them: the bodies of `if`, `while` and `try_lock`.
//
// What lies in them cannot be drawn before the run, so it is drawn when a task comes to it, under the same keys.
#pragma once

#include "models/scenario/program.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace switchyard::native {

// For the operation at `at`, a branch or a try_lock: the first that is executed whatever is decided.
[[nodiscard]] std::uint32_t behind_decision(const Program& program, std::uint32_t at);

// By operation: whether it lies in such a part.
[[nodiscard]] std::vector<bool> conditional_operations(const Program& program);

// Why a task with this program cannot be run natively on their account: what would have to be counted beforehand
// (children, jobs) lies in them.
[[nodiscard]] std::optional<std::string> why_not_decided(const Program& program);

} // namespace switchyard::native
