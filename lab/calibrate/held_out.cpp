#include "lab/calibrate/held_out.hpp"

#include "lab/calibrate/laws.hpp"

#include <algorithm>
#include <cmath>

namespace switchyard::lab {

static std::int64_t middle(std::int64_t low, std::int64_t high, Quantity over) {
    constexpr double page = 4096;
    const double mean =
        low > 0 ? std::sqrt(static_cast<double>(low) * static_cast<double>(high)) : static_cast<double>(high) / 2;
    const double step = over == Quantity::bytes && mean >= page ? page : 1;
    return static_cast<std::int64_t>(std::llround(mean / step) * std::llround(step));
}

std::vector<std::int64_t> amounts_between(std::span<const std::int64_t> amounts, Quantity over) {
    std::vector<std::int64_t> between;
    for (std::size_t i = 0; i + 1 < amounts.size(); i += 2) {
        const std::int64_t amount = middle(amounts[i], amounts[i + 1], over);
        if (amount > amounts[i] && amount < amounts[i + 1]) between.push_back(amount);
    }
    return between;
}

std::vector<std::int64_t> held_out_amounts(const native::Probe& probe) {
    const bool has_law = std::ranges::any_of(marginal_laws(), [&](const MarginalLaw& law) {
        return law.over == probe.over && law.readings.front().probe == probe.name;
    });
    if (!probe.over || !has_law) return {};
    return amounts_between(probe.amounts, *probe.over);
}

} // namespace switchyard::lab
