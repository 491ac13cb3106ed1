#include "sim/sched/fair/description.hpp"

#include "models/errors.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace switchyard::sim;
using namespace std::chrono_literals;

static FairParameters read(std::vector<PolicyParameter> parameters) {
    SchedulerDescription description;
    description.name = "linux";
    description.parameters = fair_parameters();
    Scheduler scheduler;
    scheduler.policy = "linux";
    scheduler.parameters = std::move(parameters);
    return read_fair_parameters(Parameters(scheduler, description));
}

TEST_CASE("The fair class's parameters, not written, are the kernel's defaults", "[fair]") {
    const FairParameters written = read({});
    const FairParameters defaults;
    CHECK(written.version == defaults.version);
    CHECK(written.tunable_scaling == defaults.tunable_scaling);
    CHECK(written.base_slice == defaults.base_slice);
    CHECK(written.latency == defaults.latency);
    CHECK(written.min_granularity == defaults.min_granularity);
    CHECK(written.wakeup_granularity == defaults.wakeup_granularity);
    CHECK(written.migration_cost == defaults.migration_cost);
    CHECK(written.run_to_parity == defaults.run_to_parity);
    CHECK(written.hrtick == defaults.hrtick);
    CHECK(written.autogroup == defaults.autogroup);
}

TEST_CASE("The fair class's parameters are what is written", "[fair]") {
    const FairParameters written = read({{"version", "6.5", {}},
                                         {"tunable_scaling", "linear", {}},
                                         {"base_slice", "3ms", {}},
                                         {"run_to_parity", "no", {}},
                                         {"hrtick", "yes", {}}});
    CHECK(written.version == FairVersion::v6_5);
    CHECK(written.tunable_scaling == TunableScaling::linear);
    CHECK(written.base_slice == 3ms);
    CHECK_FALSE(written.run_to_parity);
    CHECK(written.hrtick);
}

TEST_CASE("A slice no kernel would take is refused", "[fair]") {
    CHECK_THROWS_AS(read({{"base_slice", "1us", {}}}), InputError);
    CHECK_THROWS_AS(read({{"latency", "2s", {}}}), InputError);
    CHECK_THROWS_AS(read({{"version", "7.3", {}}}), InputError);
}
