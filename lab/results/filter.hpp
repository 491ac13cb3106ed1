// Which points: "slice >= 1ms and (model = loop or not workers < 4)".
//
//     condition   one or more comparisons joined by `and`, `or`, `not` and parentheses
//     comparison  COLUMN OPERATOR VALUE; operators = != < <= > >=
//     value       a number in the column's unit as people write it (1ms, 64KiB, 10%, -2us), or a word; a word or name
//                 with blanks or operators in it stands between quotes
//
// Numbers are compared to 12 digits: a time that was computed equals the one that was written.
#pragma once

#include "lab/results/database.hpp"

#include <string_view>

namespace switchyard::lab {

// Throws InputError for what cannot be read, a column that is none, a unit that does not fit, and a word that no point
// has in that parameter; each with what to do.
[[nodiscard]] Condition parse_condition(std::string_view text, const ResultsDatabase& database);

// A number as people write it in that unit, in base units: "1ms" -> 0.001. Throws InputError for any other text.
[[nodiscard]] double parse_value(std::string_view text, ValueUnit unit);

// Points that have this value in the column; numbers as above.
[[nodiscard]] Condition has_value(std::string_view column, const ResultValue& value);

// One of = == != < <= > >= as SQL on a column's number, to 12 digits.
[[nodiscard]] Condition compare_number(std::string_view column, std::string_view comparison, double value);

} // namespace switchyard::lab
