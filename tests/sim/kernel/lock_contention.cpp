// Workers that share a lock, against closed forms: Amdahl's law, its asymptotic bounds, the machine repairman.
#include "models/analytic/contention.hpp"
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <cmath>

using namespace switchyard;
using namespace std::chrono_literals;
using Catch::Approx;

namespace {

ScenarioBuilder workers(std::uint32_t count, const ProgramBuilder::Body& body) {
    ScenarioBuilder scenario("workers");
    scenario.cores(count).scheduler("fcfs").lock("m").barrier("together", count).variable("done", 0, true);
    scenario.task("W", TaskKind::thread, body, [count](TaskTemplate& task) { task.count = count; });
    return scenario;
}

double seconds(Duration duration) { return static_cast<double>(duration.count()) * 1e-12; }

constexpr std::int64_t rounds = 200;

// Of `rounds` rounds of each.
double throughput_of(const ScenarioBuilder& scenario, std::uint32_t count) {
    const Report report = sim::simulate(scenario.build(), free_profile());
    return static_cast<double>(rounds) * count / seconds(report.makespan);
}

// Of so many rounds of all together, until the last of whom they are enough for.
double random_throughput(std::uint32_t count, Duration think, Duration service, std::uint64_t seed) {
    constexpr std::int64_t all = 20'000;
    ScenarioBuilder scenario = workers(count, [=](ProgramBuilder& task) {
        task.repeat_while("done < 20000", [=](ProgramBuilder& round) {
            round.compute(Distribution::exponential(static_cast<double>(think.count())));
            round.lock("m").compute(Distribution::exponential(static_cast<double>(service.count()))).unlock("m");
            round.add("done");
        });
    });
    const Report report = sim::simulate(scenario.seed(seed).build(), free_profile());
    return static_cast<double>(all + count - 1) / seconds(report.makespan);
}

} // namespace

TEST_CASE("workers that come to a lock at once, and wait for each other, are as much faster as Amdahl has it",
          "[contention]") {
    for (const std::uint32_t count : {1u, 2u, 4u, 16u}) {
        CAPTURE(count);
        const double found = throughput_of(workers(count,
                                                   [](ProgramBuilder& task) {
                                                       task.repeat(rounds, [](ProgramBuilder& round) {
                                                           round.compute(900us).lock("m").compute(100us).unlock("m");
                                                           round.arrive("together");
                                                       });
                                                   }),
                                           count);
        CHECK(found == Approx(synchronous_throughput(count, 900e-6, 100e-6)).epsilon(1e-12));
        CHECK(found * 1e-3 == Approx(amdahl_speed_up(count, 0.1)).epsilon(1e-12)); // one does a round in 1 ms
    }
}

TEST_CASE("workers that do not wait for each other pipeline themselves up to the asymptotic bound", "[contention]") {
    for (const std::uint32_t count : {1u, 2u, 5u, 10u, 20u}) {
        CAPTURE(count);
        const double found = throughput_of(workers(count,
                                                   [](ProgramBuilder& task) {
                                                       task.repeat(rounds, [](ProgramBuilder& round) {
                                                           round.compute(900us).lock("m").compute(100us).unlock("m");
                                                       });
                                                   }),
                                           count);
        CHECK(found <= highest_throughput(count, 900e-6, 100e-6) * (1 + 1e-9));
        CHECK(found >= synchronous_throughput(count, 900e-6, 100e-6) * (1 - 1e-9));
        CHECK(found == Approx(highest_throughput(count, 900e-6, 100e-6)).epsilon(0.02)); // they only begin together
    }
}

TEST_CASE("with exponential times the lock is the repairman's queue", "[contention]") {
    constexpr int seeds = 12;
    constexpr double t = 3.106; // Student's, 11 degrees of freedom, 99 % between both sides
    for (const std::uint32_t count : {1u, 2u, 4u, 10u, 20u}) {
        double sum = 0, squares = 0;
        for (int seed = 1; seed <= seeds; ++seed) {
            const double found = random_throughput(count, 900us, 100us, static_cast<std::uint64_t>(seed));
            sum += found;
            squares += found * found;
        }
        const double mean = sum / seeds;
        const double deviation = std::sqrt((squares - sum * mean) / (seeds - 1));
        const double expected = repairman(count, 900e-6, 100e-6).throughput;
        CAPTURE(count, mean, deviation, expected);
        CHECK(std::abs(mean - expected) < t * deviation / std::sqrt(seeds));
        CHECK(deviation < 0.02 * mean); // or it would say little
    }
}
