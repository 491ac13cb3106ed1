// Where nothing can come between, time passes without an event: what is reported must not tell.
#include "models/machine/profile.hpp"
#include "sim/kernel/account.hpp"
#include "sim/kernel/boot.hpp"
#include "sim/kernel/instant.hpp"
#include "sim/simulate.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace std::chrono_literals;

namespace {

struct EventByEvent {
    Report report;
    std::uint64_t instants = 0;
};

// Nothing passes by itself where time is not to go beyond the next event.
EventByEvent run_event_by_event(const Scenario& scenario, const CostProfile& profile) {
    const std::unique_ptr<sim::Kernel> kernel = sim::boot(scenario, profile, {}, nullptr);
    EventByEvent run;
    while (kernel->live_tasks > 0) {
        const Time next = std::min(kernel->core_events.next_time(), kernel->events.next_time());
        REQUIRE(sim::next_instant(*kernel, next) > 0);
        REQUIRE(kernel->passed_at_once == 0);
        ++run.instants;
    }
    sim::close_accounts(*kernel, kernel->last_end);
    run.report = sim::report_of(*kernel, Outcome::completed, {});
    return run;
}

std::uint64_t instants_of(const Scenario& scenario, const CostProfile& profile) {
    const std::unique_ptr<sim::Kernel> kernel = sim::boot(scenario, profile, {}, nullptr);
    std::uint64_t instants = 0;
    for (; kernel->live_tasks > 0; ++instants) REQUIRE(sim::next_instant(*kernel) > 0);
    return instants;
}

void check_alike(const Scenario& scenario, const CostProfile& profile) {
    const EventByEvent slow = run_event_by_event(scenario, profile);
    CHECK(sim::simulate(scenario, profile) == slow.report);
    CHECK(instants_of(scenario, profile) < slow.instants);
}

Scenario server_of(ServerModel model, std::string_view policy) {
    Server server;
    server.model = model;
    server.workers = 3;
    server.requests = 300;
    server.load.gaps = Distribution::exponential(4e8);
    server.client_cores = {0};
    server.cores = {1, 2};
    return ScenarioBuilder("server")
        .cores(3)
        .hz(250)
        .scheduler(std::string(policy), {})
        .server(server,
                [](ProgramBuilder& request) {
                    request.compute(Distribution::exponential(5e7))
                        .sleep(Distribution::exponential(1e9))
                        .compute(Distribution::exponential(5e7));
                })
        .build();
}

} // namespace

TEST_CASE("Servers of every model report the same, event by event or not") {
    for (int model = 0; model < server_models; ++model)
        for (const std::string_view policy : {"rr", "eevdf", "cfs", "mlfq"}) {
            INFO(name_of(static_cast<ServerModel>(model)) << " under " << policy);
            check_alike(server_of(static_cast<ServerModel>(model), policy), reference_profile());
        }
}

TEST_CASE("Coroutines whose timers go off while their loop switches report the same, event by event or not") {
    const Scenario scenario =
        ScenarioBuilder("sleepers")
            .cores(2)
            .hz(1000)
            .semaphore("s", 1)
            .task(
                "early", TaskKind::coroutine,
                [](ProgramBuilder& task) {
                    task.repeat(20, [](ProgramBuilder& round) {
                        round.sleep(Distribution::uniform(0, 3e7), true)
                            .acquire("s", true)
                            .compute(Distribution::exponential(1e5))
                            .yield()
                            .release("s");
                    });
                },
                [](TaskTemplate& task) { task.count = 300; })
            .task(
                "late", TaskKind::coroutine, // arrives when timers go off
                [](ProgramBuilder& task) { task.compute(1us).sleep(10us, true); },
                [](TaskTemplate& task) {
                    task.count = 50;
                    task.start = Distribution::constant(30'000'000);
                })
            .task("thread", TaskKind::thread,
                  [](ProgramBuilder& task) {
                      task.repeat(50, [](ProgramBuilder& round) { round.sleep(7us).compute(2us); });
                  })
            .build();
    check_alike(scenario, reference_profile());
}
