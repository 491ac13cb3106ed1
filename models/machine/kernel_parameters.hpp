// What a machine's kernel was told, as far as it says: sysctls, scheduler features, and how it was built.
//
// Where a policy has a parameter of the same name ('switchyard policies'), the value is in the scenario's words
// ("700us", "yes") and is that parameter's default under a profile that holds it. Everything else is there to be read
// and compared.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

struct KernelParameter {
    std::string name;  // "base_slice"
    std::string value; // "700us"
    std::string from;  // where it was read: "debugfs sched/base_slice_ns"
    friend bool operator==(const KernelParameter&, const KernelParameter&) = default;
};

// In the order they were read; what could not be read is absent.
using KernelParameters = std::vector<KernelParameter>;

// The parameter of that name, or nothing.
[[nodiscard]] inline const KernelParameter* find_parameter(const KernelParameters& parameters, std::string_view name) {
    const auto found = std::ranges::find(parameters, name, &KernelParameter::name);
    return found == parameters.end() ? nullptr : &*found;
}

} // namespace switchyard
