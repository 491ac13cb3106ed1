#include "models/analytic/queueing.hpp"

#include "models/errors.hpp"
#include "models/random/draw.hpp"
#include "models/random/uniform.hpp"
#include "tests/models/says.hpp"

#include <algorithm>
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

using namespace switchyard;
using Catch::Approx;

TEST_CASE("M/M/1 at half load", "[queueing]") {
    const QueueMeans queue = mm1(0.5, 1);
    CHECK(queue.utilisation == Approx(0.5));
    CHECK(queue.in_system == Approx(1));
    CHECK(queue.waiting_line == Approx(0.5));
    CHECK(queue.response == Approx(2));
    CHECK(queue.waiting == Approx(1));
    CHECK(mm1_response_quantile(0.5, 1, 0.5) == Approx(2 * std::log(2.0)));
    CHECK(mm1_response_quantile(0.5, 1, 0) == 0);
    CHECK(mm1(0, 4).response == Approx(0.25));
}

TEST_CASE("Erlang's formulas in small fractions", "[queueing]") {
    // B(3, 2) = (8/6) / (1 + 2 + 2 + 8/6) = 4/19, C(3, 2) = 4/9; C(2, 1) = 1/3.
    CHECK(erlang_b(2, 3) == Approx(4.0 / 19));
    CHECK(erlang_c(2, 3) == Approx(4.0 / 9));
    CHECK(erlang_c(1, 2) == Approx(1.0 / 3));
    CHECK(erlang_b(7, 0) == 1);
    CHECK(erlang_b(0, 3) == 0);
    // A thousand servers, where 1000^1000 / 1000! would not fit: about sqrt(2 / (pi n)) are lost.
    CHECK(erlang_b(1'000, 1'000) == Approx(std::sqrt(2 / (3.14159265 * 1'000))).epsilon(0.02));
}

TEST_CASE("M/M/c is the birth and death chain solved state by state", "[queueing]") {
    for (const std::uint32_t servers : {1U, 2U, 3U, 8U}) {
        for (const double load : {0.1, 0.5, 0.9}) {
            const double service_rate = 4;
            const double arrival_rate = load * servers * service_rate;
            double state = 1; // proportional to its probability
            double sum = 0;
            double jobs = 0;
            for (std::uint32_t present = 0; present < 2'000; ++present) {
                sum += state;
                jobs += state * present;
                state *= arrival_rate / (service_rate * std::min(present + 1, servers));
            }
            INFO(servers << " servers at " << load);
            const QueueMeans queue = mmc(arrival_rate, service_rate, servers);
            CHECK(queue.utilisation == Approx(load));
            CHECK(queue.in_system == Approx(jobs / sum));
            CHECK(queue.in_system - queue.waiting_line == Approx(load * servers));
            CHECK(queue.response == Approx(jobs / sum / arrival_rate));
        }
    }
}

TEST_CASE("first come first served waits for what is left of the job before", "[queueing]") {
    // Constant service halves the wait of exponential service; variation 3 doubles it.
    const double waiting = mm1(80, 100).waiting;
    CHECK(mg1_first_come_first_served(80, 0.01, 1).waiting == Approx(waiting));
    CHECK(mg1_first_come_first_served(80, 0.01, 0).waiting == Approx(waiting / 2));
    CHECK(mg1_first_come_first_served(80, 0.01, 3).waiting == Approx(waiting * 2));
    CHECK(mg1_first_come_first_served(80, 0.01, 1).in_system == Approx(4));
}

TEST_CASE("processor sharing slows every job down alike", "[queueing]") {
    const QueueMeans queue = mg1_processor_sharing(80, 0.01);
    CHECK(queue.response == Approx(1 / (100.0 - 80.0)));
    CHECK(queue.waiting == Approx(0.04));
    CHECK(queue.in_system == Approx(4));
    CHECK(mg1_processor_sharing_response(80, 0.01, 1) == Approx(5));
}

namespace {

double exponential(DrawStream& random, double mean) { return -mean * std::log(uniform_to_one(random())); }

constexpr int customers = 400'000;

// Mean response first come first served, by Lindley's recursion.
double played_in_order(double arrival_rate, const std::function<double(DrawStream&)>& service) {
    DrawStream random({.seed = 41});
    double waiting = 0;
    double sum = 0;
    for (int customer = 0; customer < customers; ++customer) {
        const double served = service(random);
        sum += waiting + served;
        waiting = std::max(0.0, waiting + served - exponential(random, 1 / arrival_rate));
    }
    return sum / customers;
}

// Mean response where all present share the server; the work left of each is kept as what was served to everybody
// since the beginning, when it ends.
double played_sharing(double arrival_rate, const std::function<double(DrawStream&)>& service) {
    DrawStream random({.seed = 42});
    std::vector<double> ends; // a heap, the least on top
    double served = 0;
    double in_system = 0; // integrated over time
    double elapsed = 0;
    for (int customer = 0; customer < customers; ++customer) {
        double until_next = exponential(random, 1 / arrival_rate);
        elapsed += until_next;
        while (!ends.empty()) {
            const auto present = static_cast<double>(ends.size());
            const double until_end = (ends.front() - served) * present;
            const double step = std::min(until_end, until_next);
            in_system += step * present;
            until_next -= step;
            if (until_end > step) {
                served += step / present;
                break;
            }
            served = ends.front();
            std::ranges::pop_heap(ends, std::greater{});
            ends.pop_back();
        }
        ends.push_back(served + service(random));
        std::ranges::push_heap(ends, std::greater{});
    }
    return in_system / elapsed / arrival_rate;
}

double constant_service(DrawStream&) { return 1; }
double exponential_service(DrawStream& random) { return exponential(random, 1); }
// Either 0.5 or 5.5, one in ten: mean 1, variance 2.25.
double uneven_service(DrawStream& random) { return uniform_below(random, 10) == 0 ? 5.5 : 0.5; }

} // namespace

TEST_CASE("queues played out come to the closed forms", "[queueing]") {
    const double rate = 0.6;
    SECTION("first come first served") {
        CHECK(played_in_order(rate, constant_service) ==
              Approx(mg1_first_come_first_served(rate, 1, 0).response).epsilon(0.02));
        CHECK(played_in_order(rate, exponential_service) == Approx(mm1(rate, 1).response).epsilon(0.02));
        CHECK(played_in_order(rate, uneven_service) ==
              Approx(mg1_first_come_first_served(rate, 1, 2.25).response).epsilon(0.02));
    }
    SECTION("processor sharing, whatever the distribution") {
        const double response = mg1_processor_sharing(rate, 1).response;
        CHECK(played_sharing(rate, constant_service) == Approx(response).epsilon(0.02));
        CHECK(played_sharing(rate, exponential_service) == Approx(response).epsilon(0.02));
        CHECK(played_sharing(rate, uneven_service) == Approx(response).epsilon(0.02));
    }
}

TEST_CASE("a queue that grows without end is refused, saying so", "[queueing]") {
    CHECK_THROWS_MATCHES(mm1(2, 1), InputError, says("not stable") && says("2 of the time"));
    CHECK_THROWS_MATCHES(mm1(1, 1), InputError, says("not stable"));
    CHECK_THROWS_AS(mmc(4, 1, 4), InputError);
    CHECK_NOTHROW(mmc(3.9, 1, 4));
    CHECK_THROWS_AS(erlang_c(3, 3), InputError);
    CHECK_THROWS_AS(mg1_first_come_first_served(100, 0.01, 0), InputError);
    CHECK_THROWS_AS(mg1_processor_sharing(100, 0.01), InputError);
}

TEST_CASE("queues refuse what has no meaning", "[queueing]") {
    const double not_a_number = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_AS(mm1(-1, 1), InputError);
    CHECK_THROWS_AS(mm1(not_a_number, 1), InputError);
    CHECK_THROWS_AS(mm1(1, not_a_number), InputError);
    CHECK_THROWS_AS(mm1(0, 0), InputError);
    CHECK_THROWS_AS(mmc(1, 2, 0), InputError);
    CHECK_THROWS_AS(erlang_b(-1, 2), InputError);
    CHECK_THROWS_AS(mm1_response_quantile(0.5, 1, 1), InputError);
    CHECK_THROWS_AS(mg1_first_come_first_served(0.5, 1, -0.1), InputError);
    CHECK_THROWS_AS(mg1_processor_sharing(0.5, 0), InputError);
    CHECK_THROWS_AS(mg1_processor_sharing_response(0.5, 1, 0), InputError);
}

// Exact mean value analysis of one queue and clients that think: response with n clients is service times one more than
// n - 1 of them have in the queue (the arrival theorem).
static double mean_value_analysis(std::uint32_t clients, double think, double service) {
    double queue = 0;
    double response = 0;
    for (std::uint32_t n = 1; n <= clients; ++n) {
        response = service * (1 + queue);
        queue = n / (think + response) * response;
    }
    return response;
}

TEST_CASE("the machine repairman is what mean value analysis comes to", "[queueing]") {
    for (const std::uint32_t clients : {1u, 2u, 10u, 100u, 1000u, 100'000u}) {
        for (const double think : {0.001, 1.0, 50.0, 5e4}) {
            INFO(clients << " clients that think " << think);
            const QueueMeans means = machine_repairman(clients, think, 2);
            CHECK(means.response == Approx(mean_value_analysis(clients, think, 0.5)).epsilon(1e-9));
            CHECK(means.waiting == Approx(means.response - 0.5).epsilon(1e-9).margin(1e-12));
            const double throughput = clients / (think + means.response);
            CHECK(means.in_system == Approx(throughput * means.response).epsilon(1e-9));
            CHECK(means.utilisation == Approx(throughput * 0.5).epsilon(1e-9));
        }
    }
}

TEST_CASE("as many repairmen as machines never let one wait; ever more machines make an open queue", "[queueing]") {
    CHECK(machine_repairman(7, 3, 2, 7).response == Approx(0.5));
    CHECK(machine_repairman(7, 3, 2, 100).waiting == Approx(0).margin(1e-12));
    // 1.5 jobs a second in the limit, of two servers that do one a second each.
    CHECK(machine_repairman(1'000'000, 1'000'000 / 1.5, 1, 2).response ==
          Approx(mmc(1.5, 1, 2).response).epsilon(1e-3));
    CHECK_THROWS_AS(machine_repairman(0, 1, 1), InputError);
    CHECK_THROWS_AS(machine_repairman(1, 0, 1), InputError);
    CHECK_THROWS_AS(machine_repairman(1, 1, 0), InputError);
    CHECK_THROWS_AS(machine_repairman(1, 1, 1, 0), InputError);
}
