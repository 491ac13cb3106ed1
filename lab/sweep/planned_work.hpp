// A plan as the work engines carry out.
#pragma once

#include "lab/sweep/plan.hpp"
#include "lab/sweep/work.hpp"

#include <string>

namespace switchyard::lab {

class PlannedWork : public SweepWork {
public:
    // `tool` is kept as what computed the points: "switchyard 0.1.0 sweep".
    PlannedWork(SweepPlan plan, const std::string& tool);

    [[nodiscard]] const SweepOutline& outline() const override { return outline_; }
    [[nodiscard]] const Replications& replications() const override { return plan_.sweep().replications; }
    [[nodiscard]] std::uint64_t cells() const override { return plan_.cells(); }
    [[nodiscard]] std::vector<ParameterValue> values_of(std::uint64_t cell) const override;
    [[nodiscard]] std::unique_ptr<PointWorker> make_worker() const override;

    [[nodiscard]] const SweepPlan& plan() const { return plan_; }

private:
    SweepPlan plan_;
    SweepOutline outline_;
};

} // namespace switchyard::lab
