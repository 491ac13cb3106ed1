#include "sim/kernel/displacement.hpp"

#include <algorithm>

namespace switchyard::sim {

CostOfReturn::CostOfReturn(const CostProfile& profile, Cost cost) {
    const std::optional<Law>& law = profile[cost];
    if (!law) return;
    const bool is_table = law->kind == Law::Kind::table && !law->points.empty();
    if (!is_table && evaluate(*law, Amounts(Quantity::others_since, most_kept)) == 0) return;
    law_ = &*law;
    is_whole_ = is_table && law->points.back().at < most_kept; // flat beyond
    const std::int64_t kept = is_whole_ ? std::max<std::int64_t>(law->points.back().at, 1) : most_kept;
    values_.assign(static_cast<std::size_t>(kept) + 1, unknown);
    values_[0] = values_[1] = Duration::zero(); // what two cost is in the law of the switch
}

Duration CostOfReturn::value_of(std::uint32_t others) {
    if (law_ == nullptr) return Duration::zero();
    const auto evaluated = [&](std::uint32_t amount) {
        return Duration{evaluate(*law_, Amounts(Quantity::others_since, amount))};
    };
    const auto most = static_cast<std::uint32_t>(values_.size() - 1);
    if (others > most && !is_whole_) return evaluated(others);
    Duration& value = values_[std::min(others, most)];
    if (value == unknown) value = evaluated(std::min(others, most));
    return value;
}

std::unique_ptr<Displacement> create_displacement(const CostProfile& profile) {
    auto displacement = std::make_unique<Displacement>();
    displacement->of_thread = CostOfReturn(profile, Cost::switch_displaced);
    displacement->of_address_space = CostOfReturn(profile, Cost::switch_address_space_displaced);
    displacement->of_coroutine = CostOfReturn(profile, Cost::switch_coroutine_displaced);
    const bool is_known = displacement->of_thread.is_known() || displacement->of_address_space.is_known() ||
                          displacement->of_coroutine.is_known();
    return is_known ? std::move(displacement) : nullptr;
}

Duration return_to(Displacement& displacement, CoreId core, TaskId thread, AddressSpaceId address_space) {
    Duration more{};
    if (displacement.of_thread.is_known()) more += displacement.of_thread.after(displacement.threads.run(core, thread));
    if (displacement.of_address_space.is_known())
        more += displacement.of_address_space.after(displacement.address_spaces.run(core, address_space));
    return more;
}

Duration resume(Displacement& displacement, LoopId loop, TaskId coroutine) {
    if (!displacement.of_coroutine.is_known()) return Duration::zero();
    return displacement.of_coroutine.after(displacement.coroutines.run(loop, coroutine));
}

void forget_runs(Displacement& displacement, const Task& task, TaskId id) {
    (is_carried(task.kind) ? displacement.coroutines : displacement.threads).forget(id);
}

void forget_address_space(Displacement& displacement, AddressSpaceId address_space) {
    displacement.address_spaces.forget(address_space);
}

} // namespace switchyard::sim
