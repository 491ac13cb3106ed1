#include "models/scenario/drawing.hpp"

#include <algorithm>

namespace switchyard {

bool draws(const Program& program) {
    return std::ranges::any_of(program.amounts, [](const Distribution& amount) { return !amount.is_constant(); }) ||
           std::ranges::any_of(program.memory.touches, [](const Touch& touch) { return is_drawn(touch.pattern); });
}

} // namespace switchyard
