#include "models/analytic/partition.hpp"

#include "models/analytic/exact_fraction.hpp"
#include "models/errors.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace switchyard {

struct CorePacking::Rooms {
    BigInteger denominator = 1000;
    std::vector<BigInteger> left; // by core: its speed less the utilisations of its tasks, times the denominator

    // C/T, times the denominator, which may become a larger one for it.
    BigInteger share(Duration execution, Duration period) {
        const BigInteger common = lcm(denominator, BigInteger(period.count()));
        if (const BigInteger factor = common / denominator; factor != 1)
            for (BigInteger& core : left) core *= factor;
        denominator = common;
        const BigInteger jobs = common / period.count();
        return jobs * execution.count();
    }
};

CorePacking::CorePacking(std::span<const std::uint32_t> speeds, PackingRule rule)
    : rooms_(std::make_unique<Rooms>()), rule_(rule) {
    for (const std::uint32_t speed : speeds) rooms_->left.emplace_back(speed);
}

CorePacking::CorePacking(CorePacking&&) noexcept = default;
CorePacking& CorePacking::operator=(CorePacking&&) noexcept = default;
CorePacking::~CorePacking() = default;

std::optional<std::uint32_t> CorePacking::place(Duration execution, Duration period,
                                                std::span<const std::uint16_t> allowed) {
    if (execution < Duration::zero() || period <= Duration::zero())
        throw InputError(fmt::format("a task with an execution of {} every {} cannot be bound to a core: write 0 or "
                                     "more for the one and more than 0 for the other",
                                     exact_text(execution), exact_text(period)));
    const BigInteger needed = rooms_->share(execution, period);
    std::vector<BigInteger>& left = rooms_->left;
    std::optional<std::uint32_t> chosen;
    for (std::uint32_t core = 0; core < left.size(); ++core) {
        if (!allowed.empty() && std::ranges::find(allowed, core) == allowed.end()) continue;
        if (left[core] < needed) continue;
        if (chosen && (rule_ == PackingRule::best_fit ? left[core] >= left[*chosen] : left[core] <= left[*chosen]))
            continue;
        chosen = core;
        if (rule_ == PackingRule::first_fit) break;
    }
    if (chosen) left[*chosen] -= needed;
    return chosen;
}

void CorePacking::remove(std::uint32_t core, Duration execution, Duration period) {
    const BigInteger freed = rooms_->share(execution, period);
    rooms_->left[core] += freed;
}

double CorePacking::room(std::uint32_t core) const {
    const BigInteger millionths = rooms_->left[core] * 1'000'000 / rooms_->denominator;
    return static_cast<double>(millionths.convert_to<std::int64_t>()) / 1e6;
}

} // namespace switchyard
