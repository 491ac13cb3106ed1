#include "models/random/draw.hpp"
#include "models/random/philox.hpp"
#include "models/random/uniform.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include <array>
#include <bit>
#include <cstdint>
#include <random>
#include <set>
#include <vector>

using namespace switchyard;

TEST_CASE("Philox4x32-10 gives the known answers of its authors", "[random]") {
    constexpr std::uint32_t ones = 0xffffffff;
    STATIC_CHECK(philox4x32({0, 0, 0, 0}, {0, 0}) == PhiloxCounter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    STATIC_CHECK(philox4x32({ones, ones, ones, ones}, {ones, ones}) ==
                 PhiloxCounter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    STATIC_CHECK(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
                 PhiloxCounter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("A draw depends on its key and index alone", "[random]") {
    const StreamKey key{.seed = 42, .task = 1, .instance = 2, .operation = 3};

    SECTION("the first two draws of key zero are the first block of Philox") {
        CHECK(draw({}, 0) == 0xe169c58d6627e8d5);
        CHECK(draw({}, 1) == 0x9b00dbd8bc57ac4c);
    }
    SECTION("it is the same in any order, and through a stream") {
        DrawStream stream(key);
        std::vector<std::uint64_t> forwards;
        for (int index = 0; index < 100; ++index) forwards.push_back(stream());
        for (std::uint64_t index = 100; index-- > 0;) CHECK(draw(key, index) == forwards[index]);
        CHECK(stream.index() == 100);
        CHECK(DrawStream(key, 40)() == forwards[40]);
    }
    SECTION("every part of the key matters") {
        std::set<std::uint64_t> seen;
        for (const StreamKey& other : std::vector<StreamKey>{key,
                                                             {43, 1, 2, 3},
                                                             {42, 2, 2, 3},
                                                             {42, 1, 3, 3},
                                                             {42, 1, 2, 4},
                                                             {42, 2, 1, 3},
                                                             {42 + (std::uint64_t{1} << 32U), 1, 2, 3}}) {
            for (std::uint64_t index = 0; index < 100; ++index) seen.insert(draw(other, index));
        }
        CHECK(seen.size() == 700);
    }
    SECTION("neighbouring keys share half of their bits, as chance has it") {
        int common = 0;
        for (std::uint32_t instance = 0; instance < 1000; ++instance) {
            common += std::popcount(~(draw({1, 0, instance, 0}, 0) ^ draw({1, 0, instance + 1, 0}, 0)));
        }
        CHECK_THAT(common / 1000.0, Catch::Matchers::WithinAbs(32, 0.6)); // standard error 0.13
    }
    STATIC_CHECK(std::uniform_random_bit_generator<DrawStream>);
}

TEST_CASE("Uniform numbers keep to their interval", "[random]") {
    constexpr std::uint64_t ones = ~std::uint64_t{0};
    STATIC_CHECK(uniform_from_zero(0) == 0.0);
    STATIC_CHECK(uniform_from_zero(ones) == 1.0 - 0x1p-53);
    STATIC_CHECK(uniform_to_one(0) == 0x1p-53);
    STATIC_CHECK(uniform_to_one(ones) == 1.0);

    DrawStream stream({.seed = 5});
    double sum = 0;
    for (int count = 0; count < 100'000; ++count) sum += uniform_from_zero(stream());
    CHECK_THAT(sum / 100'000, Catch::Matchers::WithinAbs(0.5, 0.005)); // standard error 0.0009
}

TEST_CASE("A bounded integer is below its bound, and unbiased", "[random]") {
    DrawStream stream({.seed = 6});

    SECTION("small bounds: every value, equally often") {
        std::array<int, 7> counts{};
        for (int count = 0; count < 70'000; ++count) ++counts.at(uniform_below(stream, 7));
        double chi_squared = 0;
        for (const int count : counts) chi_squared += (count - 10'000.0) * (count - 10'000.0) / 10'000.0;
        CHECK(chi_squared < 22.5); // 6 degrees of freedom, one in a thousand
        CHECK(uniform_below(stream, 1) == 0);
    }
    SECTION("a bound of three quarters of the range, where plain multiplication would favour a third of the values") {
        const std::uint64_t bound = std::uint64_t{3} << 62U;
        int thirds = 0;
        for (int count = 0; count < 30'000; ++count) {
            const std::uint64_t value = uniform_below(stream, bound);
            REQUIRE(value < bound);
            thirds += value % 3 == 0;
        }
        CHECK(thirds > 9'700);
        CHECK(thirds < 10'300);
    }
    SECTION("it draws again when it must") {
        struct Scripted {
            std::vector<std::uint64_t> bits;
            std::size_t next = 0;
            static constexpr std::uint64_t min() { return 0; }
            static constexpr std::uint64_t max() { return ~std::uint64_t{0}; }
            std::uint64_t operator()() { return bits.at(next++); }
        } scripted{{0, 1}};
        CHECK(uniform_below(scripted, 6) == 0); // 0 * 6 is below 2^64 mod 6 = 4: drawn again
        CHECK(scripted.next == 2);
    }
}
