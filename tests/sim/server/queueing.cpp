// Servers against queueing theory. Each figure is the mean of independent runs, and the closed form has to lie within
// its confidence interval.
#include "models/analytic/queueing.hpp"
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <vector>

using namespace switchyard;
using namespace std::chrono_literals;

namespace {

constexpr double millisecond = 1e9; // in ps
constexpr int runs = 12;
constexpr double student = 4.44; // 99.9 % two-sided, 11 degrees of freedom

struct Mean {
    double value;
    double half_width; // of its confidence interval
};

Report run(const Server& server, std::uint32_t cores, std::uint64_t seed) {
    return sim::simulate(
        ScenarioBuilder("server")
            .cores(cores)
            .hz(0)
            .seed(seed)
            .scheduler("rr", {{"slice", "1h"}})
            .server(server, [](ProgramBuilder& request) { request.compute(Distribution::exponential(millisecond)); })
            .build(),
        free_profile());
}

// The mean latency, in seconds.
Mean latency(const Server& server, std::uint32_t cores) {
    std::vector<double> means;
    for (int number = 0; number < runs; ++number) {
        const Report report = run(server, cores, static_cast<std::uint64_t>(number) + 1);
        REQUIRE(report.outcome == Outcome::completed);
        REQUIRE(report.requests->completed == server.requests);
        means.push_back(seconds(report.requests->latency.sum) / static_cast<double>(server.requests));
    }
    double mean = 0;
    for (const double one : means) mean += one / runs;
    double variance = 0;
    for (const double one : means) variance += (one - mean) * (one - mean) / (runs - 1);
    return {mean, student * std::sqrt(variance / runs)};
}

void check(const Mean& got, double expected) {
    INFO("expected " << expected << ", got " << got.value << " +- " << got.half_width);
    CHECK(std::abs(got.value - expected) <= got.half_width);
    CHECK(got.half_width < 0.06 * expected); // an interval that says something
}

// Requests of 1 ms on average, `rate` a second.
Server open(ServerModel model, std::uint32_t workers, double rate, std::uint64_t requests) {
    Server server;
    server.model = model;
    server.workers = workers;
    server.requests = requests;
    server.load.gaps = Distribution::exponential(1000 / rate * millisecond);
    return server;
}

Server closed(ServerModel model, std::uint32_t workers, std::uint32_t clients, double think, std::uint64_t requests) {
    Server server;
    server.model = model;
    server.workers = workers;
    server.requests = requests;
    server.load = closed_load(clients, Distribution::exponential(think));
    return server;
}

} // namespace

TEST_CASE("an event loop is M/M/1") {
    check(latency(open(ServerModel::event_loop, 1, 700, 20'000), 2), mm1(700, 1000).response);
}

TEST_CASE("a pool of threads and processes forked beforehand are M/M/c") {
    check(latency(open(ServerModel::thread_pool, 3, 2300, 20'000), 4), mmc(2300, 1000, 3).response);
    check(latency(open(ServerModel::pre_fork, 4, 3000, 20'000), 5), mmc(3000, 1000, 4).response);
}

TEST_CASE("a bounded queue only moves where requests wait: latency counts from their arrival") {
    Server server = open(ServerModel::thread_pool, 2, 1500, 20'000);
    server.queue = 2;
    server.channel.capacity = Bytes{4 * server.message.count};
    check(latency(server, 3), mmc(1500, 1000, 2).response);
}

TEST_CASE("threads or processes of their own for each request share what cores there are") {
    // As many servers as cores: with slices without end, first come first served among those that are ready.
    check(latency(open(ServerModel::thread_per_request, 1, 1500, 20'000), 2), mmc(1500, 1000, 2).response);
    check(latency(open(ServerModel::process_per_request, 1, 1500, 20'000), 2), mmc(1500, 1000, 2).response);
}

TEST_CASE("closed loops are machine repairmen") {
    // So many requests that how long it takes until a loop that begins with everybody thinking is in equilibrium, which
    // is longest for those that are busy, is no more than the interval.
    check(latency(closed(ServerModel::event_loop, 1, 10, 10 * millisecond, 40'000), 2),
          machine_repairman(10, 0.01, 1000).response);
    check(latency(closed(ServerModel::thread_pool, 3, 30, 10 * millisecond, 100'000), 4),
          machine_repairman(30, 0.01, 1000, 3).response);
    check(latency(closed(ServerModel::pre_fork, 2, 20, 20 * millisecond, 40'000), 3),
          machine_repairman(20, 0.02, 1000, 2).response);
}

TEST_CASE("Little's law holds exactly: as many are in flight on average as throughput times latency") {
    for (int model = 0; model < server_models; ++model) {
        for (const Server& server : {open(static_cast<ServerModel>(model), 3, 1800, 2000),
                                     closed(static_cast<ServerModel>(model), 2, 7, millisecond, 2000)}) {
            const Report report = run(server, 3, 1);
            INFO(name_of(static_cast<ServerModel>(model)));
            const RequestReport& requests = *report.requests;
            REQUIRE(requests.completed == 2000);
            const double throughput = static_cast<double>(requests.completed) / seconds(requests.span);
            const double mean_latency = seconds(requests.latency.sum) / static_cast<double>(requests.completed);
            CHECK(std::abs(*requests.in_flight_mean / (throughput * mean_latency) - 1) < 1e-12);
            CHECK(*requests.in_flight_peak >= 2);
        }
    }
}
