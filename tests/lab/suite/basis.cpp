#include "lab/suite/basis.hpp"

#include <array>
#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace std::chrono_literals;

static CostProfile profile_with_pipe() {
    CostProfile profile = reference_profile();
    const std::array<std::pair<std::int64_t, double>, 3> points{{{1, 100e3}, {4096, 200e3}, {65536, 7e6}}};
    profile[Cost::pipe_transfer] = Law::table(Quantity::bytes, points);
    return profile;
}

static Scenario messages_of(Bytes size) {
    return ScenarioBuilder("messages")
        .pipe("p", {1 << 20})
        .task("A", TaskKind::process,
              [&](auto& task) { task.repeat(3, [&](auto& body) { body.send("p", size).receive("p", size); }); })
        .build();
}

TEST_CASE("the amounts of a table are those it was fitted to, and a constant has none") {
    CHECK(lab::fitted_amounts(*profile_with_pipe()[Cost::pipe_transfer]) == std::vector<std::int64_t>{1, 4096, 65536});
    CHECK(lab::fitted_amounts(Law::constant(1us)).empty());
}

TEST_CASE("a scenario charged at measured sizes is fitted, and one between them is predicted") {
    const CostProfile profile = profile_with_pipe();
    for (const std::int64_t size : {1, 4096, 65536}) {
        const auto charged = lab::how_charged(messages_of({size}), profile);
        REQUIRE(charged.has_value());
        CHECK(charged->basis == lab::Basis::fitted);
        CHECK(charged->unmeasured.empty());
    }
    for (const std::int64_t size : {2, 4095, 4097, 65537}) {
        const auto charged = lab::how_charged(messages_of({size}), profile);
        REQUIRE(charged.has_value());
        CHECK(charged->basis == lab::Basis::predicted);
        CHECK(charged->unmeasured == std::vector<std::string>{"pipe.transfer"});
    }
}
