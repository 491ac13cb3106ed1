// What compares must be able to fail: every kind of difference is found, and said where it is.
#include "tests/oracles/oracle.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard::oracles;

TEST_CASE("The first difference of two documents is found and named") {
    const auto said = [](const char* expected, const char* got) {
        return first_difference(Json::parse(expected), Json::parse(got)).value_or("none");
    };
    CHECK(said(R"({"a": 1, "b": [1, 2.5]})", R"({"b": [1.0, 2.5], "a": 1.0})") == "none");
    CHECK(said(R"({"a_format": "explained", "a": 0.3})", R"({"a": 0.30000000000000004})") == "none");
    CHECK(said(R"({"a": 1})", R"({"a": 2})") == "$.a: expected 1, got 2");
    CHECK(said(R"({"a": 1.5})", R"({"a": 1.500001})") == "$.a: expected 1.5, got 1.500001");
    CHECK(said(R"({"a": null})", R"({"a": 0})") == "$.a: expected null, got 0");
    CHECK(said(R"({"a": 0.0})", R"({"a": "0.0"})") == "$.a: expected 0.0, got \"0.0\"");
    CHECK(said(R"({"a": 1})", R"({})") == "$.a: expected 1, got nothing");
    CHECK(said(R"({})", R"({"a": 1})") == "$.a: not expected: 1");
    CHECK(said(R"([1, 2])", R"([1])") == "$: expected 2 elements, got 1");
    CHECK(said(R"([[1, 2], [3, 4]])", R"([[1, 2], [3, 5]])") == "$[1]: expected [3,4], got [3,5]");
    CHECK(said(R"([{"a": 1}])", R"([{"a": 2}])") == "$[0]: expected {\"a\":1}, got {\"a\":2}");
    CHECK(said(R"([{"a": [1]}])", R"([{"a": [2]}])") == "$[0].a[0]: expected 1, got 2");
}
