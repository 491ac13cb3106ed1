#include "native/measurement/isolation.hpp"
#include "native/measurement/foreign_load.hpp"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <thread>

using namespace switchyard::native;

TEST_CASE("a pinned thread may run where it was pinned, and nowhere else", "[isolation]") {
    std::vector<int> seen;
    Notes notes, impossible;
    int last = 0;
    std::thread([&] {
        last = allowed_cpus().back();
        notes = pin_to(std::vector{last});
        seen = allowed_cpus();
        impossible = pin_to(std::vector{100'000});
    }).join();
    CHECK(notes.empty());
    CHECK(seen == std::vector{last});
    REQUIRE(impossible.size() == 1);
    CHECK(impossible.front().starts_with("not pinned to processors 100000: "));
}

TEST_CASE("timer slack is read back as set", "[isolation]") {
    using std::chrono::nanoseconds;
    nanoseconds inherited{}, none{}, back{};
    std::thread([&] {
        inherited = timer_slack();
        set_timer_slack(nanoseconds{1});
        none = timer_slack();
        set_timer_slack(nanoseconds{0});
        back = timer_slack();
    }).join();
    CHECK(inherited.count() > 0);
    CHECK(none.count() == 1);
    CHECK(back == inherited);
}

TEST_CASE("foreign load is what was busy beyond our own use, as a share of the processors", "[foreign_load]") {
    const std::chrono::steady_clock::time_point start{};
    const LoadReading before{.busy_seconds = 10, .own_seconds = 1, .time = start, .cpus = 2};
    LoadReading after{.busy_seconds = 13, .own_seconds = 3, .time = start + std::chrono::seconds{2}, .cpus = 2};
    CHECK(foreign_load(before, after) == Catch::Approx(0.25)); // 3 s busy, 2 s ours, of 4 s
    after.own_seconds = 6;                                     // sampling error: more ours than busy
    CHECK(foreign_load(before, after) == 0);
    CHECK(foreign_load(before, before) == 0);
}

TEST_CASE("load is read for the processors asked for", "[foreign_load]") {
    const LoadReading reading = read_load(allowed_cpus());
    CHECK(reading.cpus == allowed_cpus().size());
    CHECK(reading.busy_seconds > 0);
    CHECK(read_load(std::vector{100'000}).busy_seconds == 0);
}
