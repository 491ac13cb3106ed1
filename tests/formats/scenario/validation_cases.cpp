#include "formats/scenario/read_scenario.hpp"
#include "tests/formats/input_error.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace switchyard;
using namespace switchyard::formats;
using Catch::Matchers::ContainsSubstring;

static const std::string ring = "name: ring\n"
                                "tasks: {hop: {kind: thread, count: 2, do: [repeat: {times: 10, do: [yield]}]}}\n"
                                "validate:\n"
                                "  family: rings\n"
                                "  targets: {makespan: 5%}\n"
                                "  variants:\n"
                                "    two: []\n"
                                "    ten: [tasks.hop.count=10, validate.targets.makespan=20%]\n";

TEST_CASE("a file is validated once for each of its variants, with its changes made") {
    const auto cases = parse_validation_cases(ring, "ring.yaml");
    REQUIRE(cases.size() == 2);
    CHECK(cases[0].scenario.name == "ring/two");
    CHECK(cases[0].scenario.tasks[0].count == 2);
    CHECK(cases[1].scenario.name == "ring/ten");
    CHECK(cases[1].scenario.tasks[0].count == 10);
    CHECK(cases[1].family == "rings");
    REQUIRE(cases[1].scenario.targets.size() == 1);
    CHECK(cases[1].scenario.targets[0].error == 0.2);
    CHECK(cases[0].scenario.targets[0].error == 0.05);
}

TEST_CASE("what the caller sets wins over a variant") {
    const std::vector<Override> changes{parse_override("tasks.hop.count=7")};
    for (const ValidationCase& one : parse_validation_cases(ring, "ring.yaml", changes))
        CHECK(one.scenario.tasks[0].count == 7);
}

TEST_CASE("a file without variants is one case, of no family where it names none") {
    const auto cases = parse_validation_cases("tasks: {A: {do: [yield]}}", "a.yaml");
    REQUIRE(cases.size() == 1);
    CHECK(cases[0].scenario.name == "a");
    CHECK(cases[0].family.empty());
    CHECK(parse_scenario(ring, "ring.yaml").name == "ring"); // read alone, a file is what it is without its variants
}

TEST_CASE("a variant that changes what is not there is an error at its place in the file") {
    std::string wrong = ring;
    wrong.replace(wrong.find("tasks.hop.count=10"), 18, "tasks.hip.count=10");
    std::string message;
    try {
        static_cast<void>(parse_validation_cases(wrong, "ring.yaml"));
    } catch (const InputError& error) {
        message = error.what();
    }
    CHECK_THAT(message, ContainsSubstring("ring.yaml:8:"));
    CHECK_THAT(message, ContainsSubstring("hip"));
    CHECK_THROWS_AS(parse_validation_cases("tasks: {A: {do: [yield]}}\nvalidate: {variants: {x: 3}}", "a.yaml"),
                    InputError);
}
