// How long a thread was blocked until an instant.
#include "native/runner/blocked_time.hpp"

#include <catch2/catch_test_macros.hpp>

using switchyard::native::BlockedTime;

TEST_CASE("blocked time is known at any instant of the latest calls, and while one lasts") {
    BlockedTime time;
    CHECK(time.until(5) == 0);
    time.begin(10);
    time.end(30);
    time.begin(40);
    CHECK(time.until(5) == 0);
    CHECK(time.until(10) == 0);
    CHECK(time.until(17) == 7);
    CHECK(time.until(35) == 20);
    CHECK(time.until(46) == 26);
    time.end(50);
    CHECK(time.total() == 30);
    CHECK(time.until(45) == 25);
    CHECK(time.until(60) == 30);
    time.forget();
    CHECK(time.until(60) == 30);
    time.begin(70);
    CHECK(time.until(65) == 30);
    CHECK(time.until(71) == 31);
}

TEST_CASE("who becomes ready during a call is stalled for what is left of it") {
    BlockedTime time;
    time.begin(100);
    time.end(200);
    const std::int64_t stalled = time.total() - time.until(130);
    CHECK(stalled == 70);
}
