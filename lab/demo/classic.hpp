// The classic comparison: two equal computations as threads, processes and coroutines, on one core and on two.
#pragma once

#include "models/scenario/scenario.hpp"

#include <string>
#include <vector>

namespace switchyard::lab {

// One of the four textbook cases: two tasks of 10 s, slice 1 s, a switch costs 0.1 s.
struct TextbookCase {
    std::string name;
    std::string formula;    // "20 + 19 x 0.1"
    Scenario scenario;      // for the simulator
    Duration closed_form{}; // models/analytic
};
[[nodiscard]] std::vector<TextbookCase> textbook_cases();

// The same design at a scale one can measure: two tasks of `work` each that hand over after every `interval`, as
// processes, threads and coroutines, on one processor and on two.
struct MeasurableCase {
    TaskKind kind;
    std::uint32_t cores;
    Duration interval;
    Scenario scenario;
};
[[nodiscard]] std::vector<MeasurableCase> measurable_cases(Duration work);

} // namespace switchyard::lab
