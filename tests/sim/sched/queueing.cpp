// Policies against queueing theory: servers fed by a Poisson process come, in the long run, to what the closed forms
// say. Each figure is the mean of independent runs, and the closed form has to lie within its confidence interval.
#include "models/analytic/queueing.hpp"
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <vector>

using namespace switchyard;

namespace {

constexpr double millisecond = 1e9; // in ps
constexpr int runs = 12;
constexpr double student = 4.44; // 99.9 % two-sided, 11 degrees of freedom

struct Mean {
    double value;
    double half_width; // of its confidence interval
};

// The mean time in the system of jobs that arrive at `rate` a second, `jobs` of them a run. That many instants drawn
// uniformly are a Poisson process, given that there are so many.
Mean response(const std::string& policy, const std::map<std::string, std::string>& parameters, std::uint32_t cores,
              double rate, const Distribution& service, std::uint32_t jobs) {
    std::vector<double> means;
    for (int run = 0; run < runs; ++run) {
        const Scenario scenario =
            ScenarioBuilder("queue")
                .cores(cores)
                .profile("free")
                .hz(0)
                .seed(static_cast<std::uint64_t>(run) + 1)
                .scheduler(policy, parameters)
                .task(
                    "customer", TaskKind::thread, [&](ProgramBuilder& program) { program.compute(service); },
                    [&](TaskTemplate& task) {
                        task.count = jobs;
                        task.start = Distribution::uniform(0, jobs / rate * 1000 * millisecond);
                    })
                .build();
        const Report report = sim::simulate(scenario, free_profile());
        REQUIRE(report.tasks[0].finished == jobs);
        means.push_back(seconds(report.tasks[0].turnaround.sum) / jobs);
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

} // namespace

TEST_CASE("M/M/1: first come, first served") {
    check(response("fifo", {}, 1, 700, Distribution::exponential(millisecond), 20'000), mm1(700, 1000).response);
}

TEST_CASE("M/M/c: one queue for several cores") {
    check(response("fifo", {}, 3, 2300, Distribution::exponential(millisecond), 20'000), mmc(2300, 1000, 3).response);
    check(response("rr", {{"slice", "1h"}}, 4, 3000, Distribution::exponential(millisecond), 20'000),
          mmc(3000, 1000, 4).response);
}

TEST_CASE("M/G/1: first come, first served depends on how service varies") {
    check(response("fifo", {}, 1, 700, Distribution::constant(1'000'000'000), 20'000),
          mg1_first_come_first_served(700, 0.001, 0).response);
    // Uniform from 0 to 2 ms: variance / mean^2 = 1/3.
    check(response("fifo", {}, 1, 700, Distribution::uniform(0, 2 * millisecond), 20'000),
          mg1_first_come_first_served(700, 0.001, 1.0 / 3).response);
    // 0.1 ms or 5.5 ms, five to one: mean 1, second moment 5.05.
    const Distribution two_lengths =
        Distribution::empirical({100'000'000, 100'000'000, 100'000'000, 100'000'000, 100'000'000, 5'500'000'000});
    check(response("fifo", {}, 1, 500, two_lengths, 40'000),
          mg1_first_come_first_served(500, 0.001, 5.05 - 1).response);
}

TEST_CASE("M/G/1 under round robin with tiny slices: processor sharing, whatever the service distribution") {
    const std::map<std::string, std::string> tiny{{"slice", "20us"}};
    check(response("rr", tiny, 1, 600, Distribution::exponential(millisecond), 10'000),
          mg1_processor_sharing(600, 0.001).response);
    check(response("rr", tiny, 1, 600, Distribution::constant(1'000'000'000), 10'000),
          mg1_processor_sharing(600, 0.001).response);
    const Distribution two_lengths =
        Distribution::empirical({100'000'000, 100'000'000, 100'000'000, 100'000'000, 100'000'000, 5'500'000'000});
    check(response("rr", tiny, 1, 600, two_lengths, 20'000), mg1_processor_sharing(600, 0.001).response);
}
