// What a profile says of its machine's kernel is what simulated Linux does where the scenario says nothing.
#include "models/errors.hpp"
#include "models/machine/profile.hpp"
#include "models/scenario/scenario.hpp"
#include "sim/simulate.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace std::chrono_literals;

namespace {

// Two hogs on one core: how often they are switched says how long their slices are.
std::uint64_t switches(const CostProfile& profile, const std::string& policy,
                       std::vector<PolicyParameter> parameters = {}) {
    ScenarioBuilder scenario("hogs");
    scenario.cores(1).hz(1000).scheduler(policy, {});
    const auto work = [](ProgramBuilder& task) { task.compute(1s); };
    Scenario built = scenario.task("A", TaskKind::process, work).task("B", TaskKind::process, work).build();
    built.scheduler.parameters = std::move(parameters);
    return sim::simulate(built, profile).counters.context_switches;
}

} // namespace

TEST_CASE("Slices of the profile's kernel are the defaults of linux and eevdf", "[kernel parameters]") {
    CostProfile profile = free_profile();
    for (const char* const policy : {"linux", "eevdf"}) {
        INFO(policy);
        profile.kernel.clear();
        const std::uint64_t usual = switches(profile, policy);
        profile.kernel = {{"base_slice", "10 ms", "a test"}};
        const std::uint64_t longer = switches(profile, policy);
        CHECK(longer * 4 < usual);
        CHECK(longer == switches(free_profile(), policy, {{"base_slice", "10ms", {}}}));
        CHECK(switches(profile, policy, {{"base_slice", "700us", {}}}) == usual); // the scenario's word counts
    }
}

TEST_CASE("The profile's kernel says which fair class linux has", "[kernel parameters]") {
    CostProfile profile = free_profile();
    profile.kernel = {{"fair", "cfs", "the release"}, {"base_slice", "10 ms", "of no use to it"}};
    CHECK(switches(profile, "linux") == switches(free_profile(), "cfs"));
    CHECK(switches(profile, "eevdf") == switches(free_profile(), "eevdf", {{"base_slice", "10ms", {}}}));
}

TEST_CASE("Other policies have nothing to do with the kernel", "[kernel parameters]") {
    CostProfile profile = free_profile();
    profile.kernel = {{"slice", "1 s", "a test"}};
    const std::vector<PolicyParameter> slice{{"slice", "5ms", {}}};
    CHECK(switches(profile, "rr", slice) == switches(free_profile(), "rr", slice));
}

TEST_CASE("A kernel parameter that makes no sense is refused by its name", "[kernel parameters]") {
    CostProfile profile = free_profile();
    profile.kernel = {{"base_slice", "soon", "a test"}};
    CHECK_THROWS_AS(switches(profile, "linux"), InputError);
}
