// The best cell, as people read it and as other programs do.
#pragma once

#include "formats/json/document.hpp"
#include "lab/results/optimum.hpp"

#include <functional>
#include <string>

namespace switchyard::cli {

using UnitOf = std::function<lab::ValueUnit(const std::string& metric)>;

// Its parameters, the objective, and what decides: `active` is a constraint that is met with less than 1 % of its limit
// to spare. Precondition: there is a best cell.
[[nodiscard]] std::string optimum_text(const lab::Objective& objective, const lab::Optimum& optimum,
                                       const UnitOf& unit_of);

// The same, whether or not there is a best cell, which then is null.
[[nodiscard]] formats::Json optimum_json(const lab::Objective& objective, const lab::Optimum& optimum);

} // namespace switchyard::cli
