// What a sweep's metrics are written in: figures of a report and arithmetic over them.
//
//     overhead / makespan
//     max(task.A.response, task.B.response) - 1ms
//     "task.server/request.cpu" / requests.completed
//
// + - * / with their usual ranks, parentheses, min(a, b, ...), max(a, b, ...), ratio(a, b), which is a / b; numbers,
// plain or with a unit (1.5, 2ms, 64KiB, 10%). A name is letters, digits, '_' and '.'; any other is quoted, in '"'
// or '`'.
#pragma once

#include "models/report/report.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

// Reverse Polish, so that evaluating it is one pass over an array.
struct Expression {
    enum class Kind : std::uint8_t { number, field, negate, add, subtract, multiply, divide, minimum, maximum };
    struct Step {
        Kind kind = Kind::number;
        MetricUnit unit = MetricUnit::count; // of a number
        double number = 0;
        std::size_t field = 0; // index into `fields`
    };
    std::vector<Step> steps;
    std::vector<std::string> fields; // each once, in the order of their first use
    std::size_t depth = 0;           // of the stack it takes
};

// Throws InputError where the text is no expression. A text that names a figure as it stands is that figure.
[[nodiscard]] Expression parse_expression(std::string_view text);

// The unit of its value, `unit_of_field` knowing that of each name. Sums, differences, minima and maxima are of one
// unit: throws InputError where it is not. A quotient of two times, sizes or counts is a share; whatever is neither a
// time nor a size nor a share is a plain number, a count.
[[nodiscard]] MetricUnit unit_of(const Expression& expression,
                                 const std::function<MetricUnit(std::string_view)>& unit_of_field);

// Its value in base units, `fields` being those of its fields. NaN where one of them is, and for a division by zero.
[[nodiscard]] double evaluate(const Expression& expression, std::span<const double> fields);

} // namespace switchyard
