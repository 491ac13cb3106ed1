#include "models/errors.hpp"
#include "native/execute/execute.hpp"
#include "native/measurement/isolation.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace switchyard;
using namespace switchyard::native;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("one core is not the first processor where there is another") {
    const std::vector<int> allowed = allowed_cpus();
    CHECK(cpus_for(1).front() == allowed[allowed.size() > 1 ? 1 : 0]);
    CHECK(cpus_for(static_cast<std::uint32_t>(allowed.size())) == allowed);
}

TEST_CASE("more cores than the machine has are an input error that says how many there are") {
    const auto too_many = static_cast<std::uint32_t>(allowed_cpus().size() + 1);
    const Scenario scenario =
        ScenarioBuilder("wide").cores(too_many).task("A", TaskKind::thread, [](auto& task) { task.yield(); }).build();
    CHECK_THROWS_AS(execute(scenario), InputError);
    CHECK_THROWS_WITH(execute(scenario), ContainsSubstring(std::to_string(allowed_cpus().size()) + " on this machine"));
}

TEST_CASE("a runner that is not there is an error that says what to do") {
    CHECK_THROWS_AS(find_runner("/nonexistent/switchyard-runner"), SystemError);
    CHECK_THROWS_WITH(find_runner("/nonexistent/switchyard-runner"), ContainsSubstring("/nonexistent"));
    CHECK(find_runner(SWITCHYARD_RUNNER_FILE) == SWITCHYARD_RUNNER_FILE);
}
