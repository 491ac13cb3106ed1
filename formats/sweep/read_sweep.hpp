// Sweep files: YAML to a Sweep and the scenario it varies.
//
//     about: Which time slice costs how much, and who waits for it?
//     scenario: ../two-tasks.yaml
//     profile: reference
//     parameters:
//       scheduler.slice: {log: [100us, 1s], points: 20}
//       switch: {scale: switch.context, values: [0.5, 1, 2]}
//     replications: {at_most: 20, until: {metric: overhead, within: 2%}}
//     metrics: {overhead: overhead, share: overhead / makespan}
//
// Every key there is stands in keys.hpp; docs/sweeps.md says more.
#pragma once

#include "formats/yaml/node.hpp"
#include "models/sweep/sweep.hpp"

#include <string>

namespace switchyard::formats {

struct SweepFile {
    Sweep sweep;
    Node base;             // the base scenario with what it includes
    std::string base_file; // what its errors call it
    std::string text;      // of the sweep's own file
};

// Throws InputError, one line with file:line:column, for anything wrong in the file, in the base scenario's YAML or in
// a file of values: unknown keys, empty and endless ranges, units that do not fit together, names used twice. Whether
// paths lead anywhere and values can stand there is checked against the scenario, in lab/sweep/plan.hpp.
[[nodiscard]] SweepFile read_sweep(const std::string& path);

// The same for a text that is already there. `file_name` is what errors call it; files are looked for in its folder.
[[nodiscard]] SweepFile parse_sweep(std::string text, const std::string& file_name);

} // namespace switchyard::formats
