// Every replacement policy by its name, with its parameters. A new one is a header and a line in registry.cpp.
#pragma once

#include "sim/memory/replacement/options.hpp"
#include "sim/memory/replacement/policy.hpp"
#include "sim/memory/replacement/replay.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::sim::replacement {

struct PolicyDescription {
    std::string_view name;
    std::string_view about;
    std::string_view source;
    std::span<const ParameterDescription> parameters = {};
    // Of all inclusion: what is in a memory is in a larger one too (Mattson et al. 1970), so there is no anomaly.
    bool is_stack_algorithm = false;
    // All three are missing where the policy has to know the future (opt; see optimal.hpp).
    std::unique_ptr<Policy> (*make_policy)(const Options& options) = nullptr;
    std::unique_ptr<HashedReplay> (*make_hashed)(const Options& options) = nullptr;
    std::unique_ptr<DirectReplay> (*make_direct)(const Options& options) = nullptr;

    [[nodiscard]] bool knows_the_future() const { return make_policy == nullptr; }
};

[[nodiscard]] std::span<const PolicyDescription> policies();

// A policy as users write it: "lru", "clock:bits=2", "2q:in=30%:out=40%".
struct PolicyChoice {
    std::string text; // as it was written
    const PolicyDescription* description = nullptr;
    std::vector<Parameter> parameters;
};

// Throws InputError for a policy or a parameter there is not. Values are checked when the policy is made.
[[nodiscard]] PolicyChoice parse_policy(std::string_view text);

} // namespace switchyard::sim::replacement
