// Scenario files: YAML to a Scenario that has been checked through and through.
//
//     name: two-tasks                        # by default the file's name
//     about: Two 10 s computations on one core. What does switching cost?
//     machine:   {cores: 1, profile: textbook}
//     scheduler: {policy: rr, slice: 1s}     # keys besides `policy` are the policy's own
//     tasks:
//       A: {kind: thread, do: [compute: 10s]}
//       B: {kind: thread, do: [compute: 10s]}
//     expect:    {makespan: 21.9s}           # or {makespan: {value: 21.9s, within: 1%}}
//     validate:  {targets: {overhead: 10%}}
//
// Every key there is stands in keys.hpp, with what it takes and what it is about.
#pragma once

#include "formats/scenario/override.hpp"
#include "formats/yaml/node.hpp"
#include "models/scenario/scenario.hpp"

#include <span>
#include <string>
#include <vector>

namespace switchyard::formats {

// The scenario in the file ("-": standard input), with the changes made to it one after another before it is read.
// Throws InputError, one line with file:line:column, for anything wrong in the file, in what it includes or in a
// change: YAML itself, unknown keys, values of the wrong kind or unit, undefined names, impossible machines, too much
// of something; and SystemError where the file cannot be read to its end.
[[nodiscard]] Scenario read_scenario(const std::string& path, std::span<const Override> changes = {});

// The same for a text that is already there. `file_name` is what errors call it; includes are looked for in its folder.
[[nodiscard]] Scenario parse_scenario(std::string text, const std::string& file_name,
                                      std::span<const Override> changes = {});

// The two halves of that, for whoever reads one file many times over with changes (`set`) in between: the tree of a
// document with what it includes, and what a tree says.
[[nodiscard]] Node scenario_tree(Node document, const std::string& file_name);
[[nodiscard]] Scenario scenario_in(const Node& tree, const std::string& file_name);

// What `validate` compares of a file, in its order: the scenario, or each of its variants instead.
//
//     validate:
//       family: yield rings                  # what it is summed up with; empty: with nothing else
//       targets: {overhead: 20%}
//       variants: {two: [], hundred: [tasks.hand.count=100, "tasks.hand.do.0.repeat.times=500"]}
//
// A variant is called "NAME/VARIANT" and is the file with its changes made, then the `changes` of the caller.
struct ValidationCase {
    Scenario scenario;
    std::string family;
};
[[nodiscard]] std::vector<ValidationCase> read_validation_cases(const std::string& path,
                                                                std::span<const Override> changes = {});
[[nodiscard]] std::vector<ValidationCase> parse_validation_cases(std::string text, const std::string& file_name,
                                                                 std::span<const Override> changes = {});

} // namespace switchyard::formats
