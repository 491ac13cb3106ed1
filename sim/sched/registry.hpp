// Every scheduler a scenario can ask for, with its parameters: the policies that PolicyClass hosts, and whole
// scheduling classes. A new one is a file of its own and a line in registry.cpp.
#pragma once

#include "models/machine/kernel_parameters.hpp"
#include "models/machine/topology.hpp"
#include "models/scenario/scenario.hpp"
#include "models/units/size.hpp"
#include "sim/sched/policy.hpp"
#include "sim/sched/scheduling_class.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace switchyard::sim {

enum class ParameterType : std::uint8_t { time, times, count, share, flag, word, size };

// "time", "times", "count", "share", "yes or no", "word", "size".
[[nodiscard]] std::string_view name_of(ParameterType type);

// A parameter a scheduler understands, for `switchyard policies`, error messages and validation.
struct ParameterDescription {
    std::string_view name;
    ParameterType type = ParameterType::time;
    std::string_view default_value; // "" where it must be given
    std::string_view about;
    std::string_view words = ""; // word: those there are, "log none linear"
};

// The machine a scheduler is made for.
struct SchedulerMachine {
    CoreId cores = 1;
    std::uint32_t hz = 0;                     // timer ticks a second; 0: time is noticed exactly
    const Topology* topology = nullptr;       // outlives the scheduler
    const KernelParameters* kernel = nullptr; // of the profile: defaults of a scheduler that takes them
};

class Parameters;

// A line of the registry. Of the two makers one is given.
struct SchedulerDescription {
    std::string_view name;
    std::string_view about;
    std::string_view source;
    std::span<const ParameterDescription> parameters;
    // A core is never idle while a task waits that may run there. False where a policy leaves cores idle by design.
    bool is_work_conserving = true;
    // A parameter that the scenario does not give has the value of the profile's kernel parameter of that name, if any.
    bool takes_kernel_parameters = false;
    std::unique_ptr<Policy> (*make_policy)(const Parameters& given) = nullptr;
    std::unique_ptr<SchedulingClass> (*make_class)(const Parameters& given, SchedulerHost& host,
                                                   const SchedulerMachine& machine) = nullptr;
};

// Every scheduler there is.
[[nodiscard]] std::span<const SchedulerDescription> schedulers();

// What a scenario gives for a scheduler's parameters, or else the profile's kernel, read by their names and types. All
// throw InputError at the parameter's place for a value that makes no sense.
class Parameters {
public:
    // Throws InputError for a parameter the scheduler does not have, one given twice, or a missing one.
    Parameters(const Scheduler& given, const SchedulerDescription& description,
               const KernelParameters* kernel = nullptr);

    [[nodiscard]] Duration time(std::string_view name) const;          // 0 or more
    [[nodiscard]] Duration positive_time(std::string_view name) const; // more than 0
    [[nodiscard]] std::vector<Duration>
    times(std::string_view name) const;                    // "10ms 20ms 40ms": one or more, more than 0
    [[nodiscard]] Bytes size(std::string_view name) const; // "32KiB": 0 or more
    [[nodiscard]] std::int64_t count(std::string_view name, std::int64_t least, std::int64_t most) const;
    [[nodiscard]] std::vector<std::int64_t> counts(std::string_view name, std::int64_t least, std::int64_t most) const;
    [[nodiscard]] bool flag(std::string_view name) const;        // yes, no
    [[nodiscard]] std::size_t word(std::string_view name) const; // which of the description's words

    // Whether the scenario gives it; else it is the kernel's or has its default value.
    [[nodiscard]] bool is_given(std::string_view name) const;

    // Where a parameter stands; where it was not given, the policy.
    [[nodiscard]] SourceLocation where(std::string_view name) const { return text_of(name).where; }

    // Refuses the value of a parameter, at its place.
    [[noreturn]] void refuse(std::string_view name, const std::string& message) const;

private:
    [[nodiscard]] const ParameterDescription& description_of(std::string_view name) const;
    [[nodiscard]] PolicyParameter text_of(std::string_view name) const;

    const Scheduler& given_;
    const SchedulerDescription& description_;
    const KernelParameters* kernel_; // nothing where the scheduler takes none
};

// The scheduler a scenario asks for; `host` must outlive it. Throws InputError for one there is not, or wrong
// parameters.
[[nodiscard]] std::unique_ptr<SchedulingClass> make_scheduler(const Scheduler& scheduler, SchedulerHost& host,
                                                              const SchedulerMachine& machine);

} // namespace switchyard::sim
