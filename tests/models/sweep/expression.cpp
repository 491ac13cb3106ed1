#include "models/sweep/expression.hpp"

#include "models/errors.hpp"
#include "tests/models/says.hpp"

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <map>
#include <string>

using namespace switchyard;

static double value_of(const char* text, const std::map<std::string, double>& known = {}) {
    const Expression expression = parse_expression(text);
    std::vector<double> fields;
    for (const std::string& field : expression.fields) fields.push_back(known.at(field));
    return evaluate(expression, fields);
}

TEST_CASE("Operators have their usual ranks, and go from left to right") {
    CHECK(value_of("1 + 2 * 3") == 7);
    CHECK(value_of("(1 + 2) * 3") == 9);
    CHECK(value_of("8 - 3 - 2") == 3);
    CHECK(value_of("8 / 4 / 2") == 1);
    CHECK(value_of("-2 * -3") == 6);
    CHECK(value_of("--1 - -1") == 2);
    CHECK(value_of("min(3, 1, 2) + max(4, 5)") == 6);
    CHECK(value_of("ratio(3, 4)") == 0.75);
    CHECK(value_of("2ms * 3") == 0.006);
    CHECK(value_of("10% * 64KiB") == 6553.6);
}

TEST_CASE("Names hold dots, and in quotes anything") {
    CHECK(value_of("task.A.cpu/makespan", {{"task.A.cpu", 1}, {"makespan", 4}}) == 0.25);
    CHECK(value_of("\"task.server/request.cpu\" / `a-b`", {{"task.server/request.cpu", 6}, {"a-b", 2}}) == 3);
    CHECK(parse_expression("a + b * a").fields == std::vector<std::string>{"a", "b"});
}

TEST_CASE("What is not known stays so") {
    CHECK(std::isnan(value_of("a + 1", {{"a", std::nan("")}})));
    CHECK(std::isnan(value_of("min(a, 1)", {{"a", std::nan("")}})));
    CHECK(std::isnan(value_of("max(1, a)", {{"a", std::nan("")}})));
    CHECK(std::isnan(value_of("1 / (1 - 1)")));
}

TEST_CASE("What is no expression is refused, with where it breaks off") {
    const auto refused = [](const char* text, const std::string& why) {
        CHECK_THROWS_MATCHES(parse_expression(text), InputError, says(why));
    };
    refused("", "before the end");
    refused("1 +", "before the end");
    refused("(1", "')' is missing before the end");
    refused("1 2", "'2' is not expected");
    refused("a ; b", "'; b' is not expected");
    refused("mean(a)", "there is no function 'mean'");
    refused("ratio(a)", "ratio takes two");
    refused("ratio(a, b, c)", "ratio takes two");
    refused("3 fortnights", "'fortnights' is not expected");
    refused("3fortnights", "no number with a unit");
    refused("\"a", "is missing at the end of a name");
    refused(std::string(1000, '(').c_str(), "nested too deeply");
}

TEST_CASE("Units go with the figures, and those that are added must agree") {
    const auto unit = [](const char* text) {
        return unit_of(parse_expression(text), [](std::string_view name) {
            return name == "time" ? MetricUnit::time : name == "size" ? MetricUnit::bytes : MetricUnit::count;
        });
    };
    CHECK(unit("time") == MetricUnit::time);
    CHECK(unit("time - 1ms") == MetricUnit::time);
    CHECK(unit("time / count") == MetricUnit::time);
    CHECK(unit("count / time") == MetricUnit::count); // a rate is a plain number
    CHECK(unit("time / time") == MetricUnit::share);
    CHECK(unit("1 - time / time") == MetricUnit::share);
    CHECK(unit("size * 10%") == MetricUnit::bytes);
    CHECK(unit("max(size, 1KiB)") == MetricUnit::bytes);
    CHECK_THROWS_MATCHES(unit("time + count"), InputError, says("of one unit"));
    CHECK_THROWS_MATCHES(unit("min(time, size)"), InputError, says("of one unit"));
}
