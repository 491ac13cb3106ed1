// The simulated machine of textbooks: nothing costs anything, time is noticed exactly, and what is asked of it is asked
// of the kernel and the policy between two instants.
#pragma once

#include "formats/json/document.hpp"
#include "models/scenario/scenario.hpp"
#include "models/trace/event.hpp"
#include "sim/kernel/boot.hpp"
#include "sim/sched/policy_class.hpp"

#include <memory>
#include <string>
#include <vector>

namespace switchyard::oracles {

using formats::Json;

// A tick of a textbook's clock, and times in it.
inline constexpr Duration tick = std::chrono::seconds{1};
[[nodiscard]] Duration ticks(double count);
[[nodiscard]] inline Time at_tick(std::int64_t count) { return Time{} + tick * count; }
// A whole count where it is one.
[[nodiscard]] Json in_ticks(Duration length);
[[nodiscard]] inline Json in_ticks(Time at) { return in_ticks(at - Time{}); }

// Times as parameters of a policy: "3000000000000ps".
[[nodiscard]] std::string text_of(Duration time);
[[nodiscard]] std::string text_of(bool flag);

// The mean of a list of figures, as programs print it with "%.2f".
[[nodiscard]] Json printed_mean(const std::vector<double>& figures);

class TextbookMachine {
public:
    // `make`: a scheduler other than the one the scenario names.
    explicit TextbookMachine(ScenarioBuilder builder, const sim::MakeScheduler& make = {});

    // Handles what happens at the next instant; false: nothing does. Until `at` and at it.
    bool step();
    void run_to(Time at);

    [[nodiscard]] bool is_over() const { return kernel_->live_tasks == 0; }
    [[nodiscard]] const sim::Kernel& kernel() const { return *kernel_; }
    [[nodiscard]] const Trace& trace() const { return trace_; }
    [[nodiscard]] TaskId running(std::uint32_t core = 0) const { return kernel_->cores[core].current; }

    // The time a task will have had a core by `at`, and what will be left of its computation, if it runs on till then.
    [[nodiscard]] Duration cpu_time(TaskId task, Time at) const;
    [[nodiscard]] Duration work_left(TaskId task, Time at) const;

    [[nodiscard]] const sim::PolicyClass& host() const;
    template <class Policy>
    [[nodiscard]] const Policy& policy() const {
        return dynamic_cast<const Policy&>(host().policy());
    }

private:
    Scenario scenario_;
    Trace trace_;
    std::unique_ptr<sim::Kernel> kernel_;
};

} // namespace switchyard::oracles
