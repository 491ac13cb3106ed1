// What of a program is drawn.
#pragma once

#include "models/scenario/program.hpp"

namespace switchyard {

// Whether executing the program draws anything: amounts that are no constants, references in a drawn pattern. Children
// of a program that draws have instance numbers of their own to draw under (child_instance); every executor has to ask
// this the same way, or they would draw different work.
[[nodiscard]] bool draws(const Program& program);

} // namespace switchyard
