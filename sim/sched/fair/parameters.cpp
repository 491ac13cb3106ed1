#include "sim/sched/fair/parameters.hpp"

#include "models/units/text.hpp"

#include <algorithm>
#include <bit>
#include <fmt/format.h>

namespace switchyard::sim {

std::int64_t scaling_factor(TunableScaling scaling, CoreId cores) {
    const unsigned counted = std::min<unsigned>(cores, 8);
    switch (scaling) {
    case TunableScaling::none: return 1;
    case TunableScaling::linear: return counted;
    case TunableScaling::log: break;
    }
    return std::bit_width(counted); // 1 + the whole part of the logarithm
}

std::string description_of(const FairParameters& parameters, CoreId cores) {
    const std::int64_t factor =
        scaling_factor(parameters.tunable_scaling, parameters.processors > 0 ? parameters.processors : cores);
    switch (parameters.version) {
    case FairVersion::v6_5: return fmt::format("fair 6.5 (CFS), latency {}", exact_text(parameters.latency * factor));
    case FairVersion::v6_12:
        return fmt::format("fair 6.12 (EEVDF), base slice {}", exact_text(parameters.base_slice * factor));
    case FairVersion::v6_17: break;
    }
    return fmt::format("fair 6.17 (EEVDF), base slice {}", exact_text(parameters.base_slice * factor));
}

} // namespace switchyard::sim
