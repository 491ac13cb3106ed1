#include "tests/oracles/machine.hpp"

#include "models/machine/profile.hpp"
#include "sim/kernel/account.hpp"
#include "sim/kernel/instant.hpp"
#include "sim/kernel/scheduler_host.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>

namespace switchyard::oracles {

namespace {
const CostProfile& costless() {
    static const CostProfile profile = free_profile();
    return profile;
}
} // namespace

Duration ticks(double count) { return Duration{std::llround(count * static_cast<double>(tick.count()))}; }

Json in_ticks(Duration length) {
    if (length % tick == Duration::zero()) return length / tick;
    return static_cast<double>(length.count()) / static_cast<double>(tick.count());
}

std::string text_of(Duration time) { return fmt::format("{}ps", time.count()); }
std::string text_of(bool flag) { return flag ? "yes" : "no"; }

Json printed_mean(const std::vector<double>& figures) {
    const double sum = std::accumulate(figures.begin(), figures.end(), 0.0);
    return std::stod(fmt::format("{:.2f}", sum / static_cast<double>(figures.size())));
}

TextbookMachine::TextbookMachine(ScenarioBuilder builder, const sim::MakeScheduler& make)
    : scenario_(builder.hz(0).build()), kernel_(sim::boot(scenario_, costless(), {}, &trace_, make)) {}

bool TextbookMachine::step() { return sim::next_instant(*kernel_) > 0; }

void TextbookMachine::run_to(Time at) {
    while (sim::next_instant(*kernel_, at) > 0) continue;
}

Duration TextbookMachine::cpu_time(TaskId task, Time at) const {
    const sim::Core& core = kernel_->cores[kernel_->task_views[task].core];
    const Duration until_now = kernel_->tasks[task].cpu;
    return core.current == task ? until_now + (at - core.start) : until_now;
}

Duration TextbookMachine::work_left(TaskId task, Time at) const {
    const Duration left = sim::burst_left(*kernel_, task);
    const sim::Core& core = kernel_->cores[kernel_->task_views[task].core];
    if (core.current != task) return left;
    return std::max(left - sim::work_of_time(core, at - kernel_->now()), Duration::zero());
}

const sim::PolicyClass& TextbookMachine::host() const {
    return dynamic_cast<const sim::PolicyClass&>(*kernel_->scheduler);
}

} // namespace switchyard::oracles
