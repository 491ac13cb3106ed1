// Tasks bound to cores by a policy, according to how much of a core each needs: Scheduling::runtime / period.
#pragma once

#include "models/analytic/partition.hpp"
#include "sim/sched/ranked_policy.hpp"

#include <array>
#include <optional>
#include <vector>

namespace switchyard::sim {

// The parameters of a policy by keys that can be partitioned.
inline constexpr std::array partition_parameters{
    equals_parameter,
    ParameterDescription{"partition", ParameterType::word, "none",
                         "how tasks are bound to cores; none: all share all cores",
                         "none first_fit best_fit worst_fit"},
    ParameterDescription{"partition_order", ParameterType::word, "decreasing",
                         "in which order: by decreasing utilisation, or as they are given", "decreasing given"},
};

// Binds the tasks that exist when the first one becomes ready, and later ones as they come. Tasks without a period need
// nothing.
class Partitioning {
public:
    // Of the parameters above.
    Partitioning(const Parameters& given, const SchedulerMachine& machine);

    // "", ", first_fit".
    [[nodiscard]] std::string description() const;
    [[nodiscard]] bool is_partitioned() const { return packing_.has_value(); }

    void add(PolicyHost& host, TaskId task);
    void remove(PolicyHost& host, TaskId task);

    // The core of a task. Throws InputError, at the parameter's place, if a task fits on no core or does not say what
    // it needs.
    [[nodiscard]] CoreId core_of(PolicyHost& host, TaskId task);

private:
    void bind(PolicyHost& host, TaskId task);

    std::optional<CorePacking> packing_;
    PackingRule rule_ = PackingRule::first_fit;
    bool decreasing_ = true;
    bool begun_ = false; // a task has become ready
    SourceLocation where_;
    std::vector<TaskId> unbound_;
    std::vector<CoreId> cores_; // by task; no_core: not bound
};

} // namespace switchyard::sim
