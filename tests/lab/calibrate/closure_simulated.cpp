// The closure test itself: a machine whose costs are known, its probes, the laws fitted from them, and the simulator.
#include "lab/calibrate/closure.hpp"

#include "sim/simulate.hpp"
#include "tests/lab/calibrate/synthetic.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace switchyard::lab;

static Report simulated(const Scenario& scenario, const CostProfile& profile) {
    return sim::simulate(scenario, profile);
}

TEST_CASE("every probe, simulated under the laws fitted from all of them, takes what it took", "[closure]") {
    Calibration calibration;
    calibration.probes = probes_of({});
    calibration.profile.name = "known machine";
    calibration.profile.law = fit_laws(calibration.probes).law;
    calibration.profile.hz = 250;

    std::size_t checked = 0;
    for (ClosureCase one : closure_cases(calibration)) {
        INFO(one.probe << " at " << one.amount);
        // Nothing was measured here, so nothing is uncertain; but walks begin anew with each region that comes and
        // goes.
        const bool regions_come_and_go = one.probe == "fault_anonymous" || one.probe == "fault_copy";
        one.allowance = regions_come_and_go ? 2e-3 : 1e-6;
        const auto result = check_closure(one, calibration, simulated);
        REQUIRE(result.has_value());
        CAPTURE(result->measured, result->simulated);
        CHECK(result->holds());
        ++checked;
    }
    const auto not_a_case = [](const ProbeSummary& probe) {
        return probe.probe == "futex_thread_shared" || probe.probe == "call_after_staying" || // take others apart
               std::ranges::find(not_yet_simulated(), probe.probe) != not_yet_simulated().end();
    };
    CHECK(checked + static_cast<std::size_t>(std::ranges::count_if(calibration.probes, not_a_case)) ==
          calibration.probes.size());
}

TEST_CASE("closure fails for a migration that is charged as something else", "[closure]") {
    Calibration calibration;
    calibration.probes = probes_of({});
    calibration.profile.law = fit_laws(calibration.probes).law;
    for (const double factor : {0.9, 1.1}) {
        calibration.profile[Cost::migration] = Law::constant_of(KnownMachine{}.migration * factor);
        for (const ClosureResult& result : check_closure(calibration, simulated)) {
            INFO(result.probe);
            if (result.probe == "call_after_moving") CHECK_FALSE(result.holds());
        }
    }
}

TEST_CASE("closure fails for a law that is wrong", "[closure]") {
    Calibration calibration;
    calibration.probes = probes_of({});
    calibration.profile.law = fit_laws(calibration.probes).law;
    calibration.profile[Cost::wake_up] = Law::constant_of(KnownMachine{}.wake_up * 1.1);
    for (const ClosureResult& result : check_closure(calibration, simulated)) {
        INFO(result.probe);
        if (result.probe == "futex_thread" || result.probe == "thread_life") CHECK_FALSE(result.holds());
        if (result.probe == "system_call" || result.probe == "call_after_moving" || result.probe == "yield_thread")
            CHECK(result.holds());
    }
}
