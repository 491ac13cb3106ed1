#include "native/execute/standstill.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard::native;

TEST_CASE("a run stands still when nothing begins between many looks") {
    StandstillWatch watch;
    int looks = 1;
    while (!watch.look({true, 10})) REQUIRE(++looks < 100);
    CHECK(looks > StandstillWatch::looks_needed);
}

TEST_CASE("tasks that hand a turn over do not stand still, though each look finds all of them waiting") {
    StandstillWatch watch;
    for (std::uint64_t look = 0; look < 100; ++look) CHECK_FALSE(watch.look({true, look / 2}));
}

TEST_CASE("a task that computes for long does not stand still") {
    StandstillWatch watch;
    for (int look = 0; look < 100; ++look) CHECK_FALSE(watch.look({false, 10}));
}
