// Requests a second of simulation through every model of a server, under round robin and under Linux's classes:
// what scenarios/server/event-loop.yaml asks for. The aim is a million in 5 s.
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <benchmark/benchmark.h>

using namespace switchyard;

namespace {

void serve(benchmark::State& state, ServerModel model, const char* policy) {
    Server server;
    server.model = model;
    server.workers = is_event_loop(model) ? 3 : 200;
    server.requests = static_cast<std::uint64_t>(state.range(0));
    server.load.gaps = Distribution::exponential(3.33e8);
    server.client_cores = {0};
    server.cores = {1, 2, 3};
    const Scenario scenario = ScenarioBuilder("server")
                                  .cores(4)
                                  .scheduler(policy)
                                  .server(server,
                                          [](ProgramBuilder& request) {
                                              request.compute(Distribution::exponential(2e7))
                                                  .sleep(Distribution::exponential(1e9))
                                                  .compute(Distribution::exponential(2e7));
                                          })
                                  .build();
    const CostProfile profile = reference_profile();
    std::uint64_t completed = 0;
    for (auto _ : state) completed += sim::simulate(scenario, profile).requests->completed;
    state.SetItemsProcessed(static_cast<std::int64_t>(completed));
    if (completed != server.requests * static_cast<std::uint64_t>(state.iterations()))
        state.SkipWithError("requests were lost");
}

[[maybe_unused]] const bool registered = [] {
    for (const char* const policy : {"rr", "eevdf"})
        for (int model = 0; model < server_models; ++model) {
            const std::string name = std::string(policy) + "/" + std::string(name_of(static_cast<ServerModel>(model)));
            benchmark::RegisterBenchmark(name.c_str(), serve, static_cast<ServerModel>(model), policy)
                ->Arg(10'000)
                ->Unit(benchmark::kMillisecond);
        }
    return true;
}();

} // namespace
