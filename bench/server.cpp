// Requests a second of simulation through every model of a server: computing, a wait, and an answer, at 100 requests
// at once. The aim is a million in 5 s.
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <benchmark/benchmark.h>

using namespace switchyard;

namespace {

void serve(benchmark::State& state, ServerModel model) {
    Server server;
    server.model = model;
    server.workers = is_event_loop(model) ? 3 : 200;
    server.requests = static_cast<std::uint64_t>(state.range(0));
    server.load.gaps = Distribution::exponential(1e7); // 100,000 a second, of 1 ms
    server.client_cores = {0};
    server.cores = {1, 2, 3};
    const Scenario scenario = ScenarioBuilder("server")
                                  .cores(4)
                                  .scheduler("rr", {{"slice", "3ms"}})
                                  .server(server,
                                          [](ProgramBuilder& request) {
                                              request.compute(Distribution::exponential(1e6))
                                                  .sleep(Distribution::exponential(1e9))
                                                  .compute(Distribution::exponential(1e6));
                                          })
                                  .build();
    std::uint64_t completed = 0;
    for (auto _ : state) completed += sim::simulate(scenario, free_profile()).requests->completed;
    state.SetItemsProcessed(static_cast<std::int64_t>(completed));
    if (completed != server.requests * static_cast<std::uint64_t>(state.iterations()))
        state.SkipWithError("requests were lost");
}

[[maybe_unused]] const bool registered = [] {
    for (int model = 0; model < server_models; ++model)
        benchmark::RegisterBenchmark(std::string(name_of(static_cast<ServerModel>(model))).c_str(), serve,
                                     static_cast<ServerModel>(model))
            ->Arg(10'000)
            ->Unit(benchmark::kMillisecond);
    return true;
}();

} // namespace
