// What survives in a cache of so many ways whose pages lie where their frames happen to be.
#include "sim/memory/placed_contents.hpp"

#include <array>
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <random>

using namespace switchyard;
using namespace switchyard::size_literals;
using Catch::Approx;
using sim::PlacedContents;

TEST_CASE("a page survives as long as fewer others than ways are of its colour") {
    const PlacedContents cache(2_MiB, 128_KiB); // 16 ways, 32 colours
    CHECK(cache.survival(0) == 1);
    CHECK(cache.survival(15) == 1);
    CHECK(cache.survival(100) < 1);
    CHECK(cache.survival(100'000) < 1e-9);
    // As often as frames drawn at random say.
    std::mt19937 random(1);
    for (const int others : {256, 384, 511, 640, 1024}) {
        constexpr int draws = 20'000;
        int survived = 0;
        for (int draw = 0; draw < draws; ++draw) {
            int same = 0;
            for (int page = 0; page < others; ++page) same += random() % 32 == 0 ? 1 : 0;
            survived += same < 16 ? 1 : 0;
        }
        CHECK(cache.survival(others) == Approx(survived / double{draws}).margin(0.015));
    }
}

TEST_CASE("one way of one page is a cache that holds whatever fits") {
    PlacedContents cache(64_KiB, 4_KiB);
    CHECK(cache.use(0, 32_KiB) == 32_KiB);
    CHECK(cache.use(1, 32_KiB) == 32_KiB);
    CHECK(cache.use(0, 32_KiB) == 0_B);
    CHECK(cache.use(2, 36_KiB) == 36_KiB);
    CHECK(cache.use(0, 32_KiB) == 32_KiB);
    CHECK(cache.use(3, 68_KiB) == 0_B); // never there, and so nothing is lost
}

TEST_CASE("small working sets do not disturb each other, large ones lose some and the largest nearly all") {
    const auto lost = [](Bytes size) {
        PlacedContents cache(2_MiB, 128_KiB);
        (void)cache.use(0, size);
        (void)cache.use(1, size);
        return static_cast<double>(cache.use(0, size).count) / static_cast<double>(size.count);
    };
    CHECK(lost(16_KiB) == 0);
    CHECK(lost(256_KiB) < 0.01);
    CHECK(lost(1_MiB) > 0.3);
    CHECK(lost(1_MiB) < 0.7);
    CHECK(lost(1536_KiB) > 0.7);
    // Twice as large as what is left to itself: the half of it that it keeps alone goes.
    CHECK(lost(2_MiB) == Approx(0.47).margin(0.03));
    CHECK(lost(8_MiB) < 0.001);
}

TEST_CASE("what others were used before does not matter, nor what is forgotten") {
    PlacedContents cache(64_KiB, 4_KiB);
    (void)cache.use(0, 60_KiB);
    (void)cache.use(1, 32_KiB);
    CHECK(cache.held(0) == 0_B);
    CHECK(cache.use(1, 32_KiB) == 0_B);
    (void)cache.use(2, 60_KiB);
    cache.forget(2);
    CHECK(cache.held(2) == 0_B);
    CHECK(cache.held(1) == 32_KiB);
    CHECK(cache.use(1, 32_KiB) == 0_B);
}
