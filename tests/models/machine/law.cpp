#include "models/machine/law.hpp"

#include "models/errors.hpp"
#include "tests/models/says.hpp"

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <limits>
#include <utility>

using namespace std::chrono_literals;
using namespace switchyard;

using Points = std::vector<std::pair<std::int64_t, double>>;

TEST_CASE("a constant law costs the same whatever the quantities") {
    const Law law = Law::constant(77ns);
    CHECK(evaluate(law) == 77'000);
    CHECK(evaluate(law, {Quantity::pages, 1'000'000}) == 77'000);
    CHECK(evaluate(Law::constant(100s)) == 100'000'000'000'000);
}

TEST_CASE("an affine law adds so much for each unit of a quantity") {
    const Law fork = Law::affine(25e6, {{Quantity::pages, 20.1e3}});
    CHECK(evaluate(fork) == 25'000'000);
    CHECK(evaluate(fork, {Quantity::pages, 1'000}) == 45'100'000);
    CHECK(evaluate(fork, {Quantity::bytes, 1'000}) == 25'000'000);

    Amounts both(Quantity::pages, 10);
    both.value[static_cast<int>(Quantity::runnable_tasks)] = 3;
    CHECK(evaluate(Law::affine(1, {{Quantity::pages, 2}, {Quantity::runnable_tasks, 100}}), both) == 321);
}

TEST_CASE("the error of fixed point is below half a picosecond a unit, and rounding goes to the nearest") {
    CHECK(evaluate(Law::constant_of(1.4)) == 1);
    CHECK(evaluate(Law::constant_of(1.5)) == 2);
    CHECK(evaluate(Law::affine(0, {{Quantity::bytes, 0.25}}), {Quantity::bytes, 10}) == 3);
    CHECK(from_fixed_point(to_fixed_point(1.5)) == 1.5);
    CHECK(from_fixed_point(to_fixed_point(-0.25)) == -0.25);
}

TEST_CASE("a table law is linear between its points and flat beyond them") {
    const Law law = Law::table(Quantity::runnable_tasks, Points{{2, 900}, {10, 1'300}, {100, 1'300}, {300, 2'300}});
    const auto at = [&](std::int64_t tasks) { return evaluate(law, {Quantity::runnable_tasks, tasks}); };
    CHECK(at(0) == 900);
    CHECK(at(2) == 900);
    CHECK(at(3) == 950);
    CHECK(at(6) == 1'100);
    CHECK(at(10) == 1'300);
    CHECK(at(50) == 1'300);
    CHECK(at(200) == 1'800);
    CHECK(at(300) == 2'300);
    CHECK(at(1'000'000) == 2'300);
    CHECK(evaluate(Law::table(Quantity::pages, Points{{5, 7}}), {Quantity::pages, 3}) == 7);
}

TEST_CASE("beyond the end of a table more work costs as much more as before it") {
    const Points points{{1, 100}, {1'000, 300}, {2'000, 800}};
    for (const Quantity work : {Quantity::bytes, Quantity::pages}) {
        const Law law = Law::table(work, points);
        CHECK(evaluate(law, {work, 0}) == 100);
        CHECK(evaluate(law, {work, 2'000}) == 800);
        CHECK(evaluate(law, {work, 4'000}) == 1'800);
    }
    for (const Quantity state : {Quantity::runnable_tasks, Quantity::idle_microseconds})
        CHECK(evaluate(Law::table(state, points), {state, 4'000}) == 800);
    CHECK(evaluate(Law::table(Quantity::bytes, Points{{5, 7}}), {Quantity::bytes, 300}) == 7);
}

TEST_CASE("a table law never falls, however far apart its points are") {
    const Law law = Law::table(Quantity::bytes, Points{{0, 0}, {std::numeric_limits<std::int64_t>::max(), 1e14}});
    std::int64_t before = 0;
    for (std::int64_t at = 1; at < std::numeric_limits<std::int64_t>::max() / 4; at *= 4) {
        const std::int64_t now = evaluate(law, {Quantity::bytes, at});
        REQUIRE(now >= before);
        before = now;
    }
    CHECK(before > 0);
}

TEST_CASE("a law that a fit has drawn below zero costs nothing there") {
    CHECK(evaluate(Law::constant_of(-5)) == 0);
    CHECK(evaluate(Law::affine(-100, {{Quantity::pages, 1}}), {Quantity::pages, 40}) == 0);
    CHECK(evaluate(Law::affine(-100, {{Quantity::pages, 1}}), {Quantity::pages, 140}) == 40);
}

TEST_CASE("laws refuse what they cannot hold") {
    CHECK_THROWS_MATCHES(Law::constant_of(2e14), InputError, says("out of range"));
    CHECK_THROWS_AS(Law::constant_of(std::numeric_limits<double>::quiet_NaN()), InputError);
    CHECK_THROWS_MATCHES(Law::table(Quantity::pages, Points{}), InputError, says("at least one point"));
    CHECK_THROWS_MATCHES(Law::table(Quantity::pages, Points{{1, 1}, {1, 2}}), InputError, says("must increase"));
    CHECK_THROWS_MATCHES(Law::table(Quantity::pages, Points{{1, 2}, {2, 1}}), InputError, says("must not fall"));
    CHECK_THROWS_AS(evaluate(Law::affine(0, {{Quantity::pages, 1e14}}), {Quantity::pages, 1'000'000}), TimeOverflow);
}

TEST_CASE("every quantity has a name of its own") {
    CHECK(name_of(Quantity::pages) == "pages");
    CHECK(name_of(Quantity::bytes) == "bytes");
    CHECK(name_of(Quantity::runnable_tasks) == "runnable_tasks");
    CHECK(name_of(Quantity::idle_microseconds) == "idle_microseconds");
}
