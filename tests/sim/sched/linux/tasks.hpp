// Tasks of Linux's policies, as the tests write them.
#pragma once

#include "models/scenario/scenario.hpp"

#include <functional>

namespace switchyard {

using Adjust = std::function<void(TaskTemplate&)>;

inline Adjust with(const std::function<void(Scheduling&)>& set, Duration start = {},
                   std::vector<std::uint32_t> cores = {}) {
    return [=](TaskTemplate& task) {
        set(task.scheduling);
        if (start > Duration::zero()) task.start = Distribution::constant(start.count());
        task.cores = cores;
    };
}

inline Adjust fifo(std::int32_t priority, Duration start = {}, std::vector<std::uint32_t> cores = {}) {
    return with([=](Scheduling& s) { s.policy = LinuxPolicy::fifo, s.priority = priority; }, start, std::move(cores));
}

inline Adjust rr(std::int32_t priority, Duration start = {}, std::vector<std::uint32_t> cores = {}) {
    return with([=](Scheduling& s) { s.policy = LinuxPolicy::rr, s.priority = priority; }, start, std::move(cores));
}

inline Adjust normal(Duration start = {}, std::vector<std::uint32_t> cores = {}, std::int32_t nice = 0) {
    return with([=](Scheduling& s) { s.nice = nice; }, start, std::move(cores));
}

inline Adjust reserved(Duration runtime, Duration period, Duration start = {}, Duration deadline = {}) {
    return with(
        [=](Scheduling& s) {
            s.policy = LinuxPolicy::deadline;
            s.runtime = runtime;
            s.period = period;
            s.deadline = deadline;
        },
        start);
}

inline ProgramBuilder::Body computes(Duration work) {
    return [=](ProgramBuilder& task) { task.compute(work); };
}

// Linux on that many cores, at 250 ticks a second.
inline ScenarioBuilder on_linux(std::uint32_t cores = 1, const std::map<std::string, std::string>& parameters = {}) {
    return ScenarioBuilder("linux").cores(cores).hz(250).scheduler("linux", parameters);
}

} // namespace switchyard
