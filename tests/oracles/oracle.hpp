// Oracles: cases with exact expected results, each printed or logged by a program that is not ours. What every set of
// them shares: where they lie, how they are read, how many came out exactly.
//
// A folder of oracles holds sets in folders of their own ("scheduling/ostep"), a case being a JSON object with its
// "id", "input" and "expected": either a file of its own (*.json) or a line of a file of many (*.jsonl). One without an
// "id" goes by where it stands. The folder is tests/oracles/data, or the one the environment variable
// SWITCHYARD_ORACLES names.
#pragma once

#include "formats/json/document.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::oracles {

using formats::Json;

struct OracleCase {
    std::string id;
    std::string file; // where it stands
    Json document;    // all of it

    [[nodiscard]] const Json& input() const { return document.at("input"); }
    [[nodiscard]] const Json& expected() const { return document.at("expected"); }
};

// Where a file of the folder is ("memory/traces/loop.txt.zst"), whether there is one or not.
[[nodiscard]] std::string path_of(std::string_view file);

// The cases of a set ("scheduling/ostep") whose id begins so, by id. A folder that is not there holds none.
[[nodiscard]] std::vector<OracleCase> read_cases(std::string_view set, std::string_view id_prefix = "");

// Where the two first differ, as "$.ticks[17][2]: expected 1, got 0"; nothing where they are the same. Numbers compare
// by value, fractions to nine digits; members whose name ends in "_format" explain the others and are passed over.
[[nodiscard]] std::optional<std::string> first_difference(const Json& expected, const Json& got);

// What is wrong with a case; nothing where it is exact. What it throws is wrong too.
using Check = std::function<std::optional<std::string>(const OracleCase&)>;

// Checks each case, prints "ostep mlfq: 34 of 34 exact", and fails the running test for every other one, with its id
// and what is wrong. Our own folder must hold cases; another one may lack some sets.
void check_cases(std::string_view title, const std::vector<OracleCase>& cases, const Check& check);

// The usual check: `play` makes of a case's input what its "expected" should be.
void check_played(std::string_view title, const std::vector<OracleCase>& cases,
                  const std::function<Json(const Json& input)>& play);

} // namespace switchyard::oracles
