// A policy by keys whose tasks share all cores or are bound to one each, as its parameters say.
#pragma once

#include "sim/sched/partitioning.hpp"
#include "sim/sched/policy_class.hpp"
#include "sim/sched/ranked_policy.hpp"

#include <memory>
#include <string>

namespace switchyard::sim {

class PartitionedPolicy : public RankedPolicy {
public:
    PartitionedPolicy(std::string name, const Parameters& given, const SchedulerMachine& machine)
        : RankedPolicy(given), name_(std::move(name)), partitioning_(given, machine) {}

    std::string description() const override { return name_ + partitioning_.description(); }

    void init(PolicyHost& host) override {
        if (!partitioning_.is_partitioned()) return RankedPolicy::init(host);
        for (CoreId core = 0; core < host.cores(); ++core)
            host.create_queue({.order = QueueOrder::by_rank, .preemptive = true, .core = core});
    }
    void init_task(PolicyHost& host, TaskId task) override { partitioning_.add(host, task); }
    void exit_task(PolicyHost& host, TaskId task) override { partitioning_.remove(host, task); }

    CoreId select_cpu(PolicyHost& host, TaskId task, CoreId previous) override {
        if (partitioning_.is_partitioned()) return partitioning_.core_of(host, task);
        return RankedPolicy::select_cpu(host, task, previous);
    }
    void enqueue(PolicyHost& host, TaskId task, Enqueue) override {
        put(host, partitioning_.is_partitioned() ? partitioning_.core_of(host, task) : queue(), task);
    }

private:
    std::string name_;
    Partitioning partitioning_; // the queue of a core has its number
};

// SchedulerDescription::make_class for a policy made of these two.
template <class Policy>
std::unique_ptr<SchedulingClass> make_partitioned(const Parameters& given, SchedulerHost& host,
                                                  const SchedulerMachine& machine) {
    return std::make_unique<PolicyClass>(std::make_unique<Policy>(given, machine), host, machine.cores);
}

} // namespace switchyard::sim
