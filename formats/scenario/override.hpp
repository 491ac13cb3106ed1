// Changing a scenario from outside: `--set scheduler.slice=1ms`.
#pragma once

#include "formats/yaml/node.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace switchyard::formats {

// A place in a scenario and what it becomes.
struct Override {
    std::string path;  // keys, and indices of lists from 0, with dots between: "tasks.A.do.0.compute"
    std::string value; // as it would stand in the file: "1ms", "[compute: 1s, yield]"
};

// "path=value" in its two parts. Throws InputError where there is no '=' or no path.
[[nodiscard]] Override parse_override(std::string_view text);

// Sets the value. The path must lead to something that is in the tree, except that keys a scenario may have can be
// added: `machine.hz`, a policy's parameter, a metric that is expected. Throws InputError for a path that names
// nothing, with a suggestion where its parent exists. Errors about the value itself come later, when the scenario is
// read; their place is "--set path=value". A key with a dot in its name cannot be reached.
void set(Node& scenario, const Override& change);

// A change made many times: its path apart, its value read.
struct PreparedChange {
    std::vector<std::string> path;
    Node value;           // errors found when the scenario is read are at its places
    SourceLocation where; // of errors about the path
};

// Throws InputError, at `where`, for a value that is no YAML, and for `include`.
[[nodiscard]] PreparedChange prepare(const Override& change, const SourceLocation& where);
void set(Node& scenario, const PreparedChange& change);

} // namespace switchyard::formats
