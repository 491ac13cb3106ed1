#include "models/units/text.hpp"

#include "models/errors.hpp"
#include "models/random/draw.hpp"
#include "models/random/uniform.hpp"
#include "tests/models/says.hpp"

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <string>

using namespace std::chrono_literals;
using namespace switchyard;
using namespace switchyard::size_literals;

TEST_CASE("a duration is read exactly, in every unit") {
    CHECK(parse_duration("1ps") == Duration{1});
    CHECK(parse_duration("1ns") == 1ns);
    CHECK(parse_duration("250us") == 250us);
    CHECK(parse_duration("10ms") == 10ms);
    CHECK(parse_duration("10s") == 10s);
    CHECK(parse_duration("2min") == 2min);
    CHECK(parse_duration("3h") == 3h);
    CHECK(parse_duration("0s") == 0s);
    CHECK(parse_duration("0.1s") == 100ms);
    CHECK(parse_duration("1.5ms") == 1500us);
    CHECK(parse_duration("0.000000000001s") == Duration{1});
    CHECK(parse_duration("0.5min") == 30s);
    CHECK(parse_duration("9223372.036854775807s") == Duration::max());
}

TEST_CASE("a duration may have blanks, zeros that mean nothing, and either micro sign") {
    CHECK(parse_duration(" 10 s ") == 10s);
    CHECK(parse_duration("0010.500s") == 10'500ms);
    CHECK(parse_duration("0.1000000000000000000000000s") == 100ms);
    CHECK(parse_duration("00000000000000000000000000001s") == 1s);
    CHECK(parse_duration("5\u00b5s") == 5us);
    CHECK(parse_duration("5\u03bcs") == 5us);
}

TEST_CASE("a duration that is not one is refused, with what to write instead") {
    CHECK_THROWS_MATCHES(parse_duration("10"), InputError, says("'10' needs a unit: 10s, 10ms"));
    CHECK_THROWS_MATCHES(parse_duration(""), InputError, says("missing"));
    CHECK_THROWS_MATCHES(parse_duration("  "), InputError, says("missing"));
    CHECK_THROWS_MATCHES(parse_duration("-1s"), InputError, says("cannot be negative"));
    CHECK_THROWS_MATCHES(parse_duration("+1s"), InputError, says("leave the sign away"));
    CHECK_THROWS_MATCHES(parse_duration("1e3s"), InputError, says("exponents are not read"));
    CHECK_THROWS_MATCHES(parse_duration("1E-3s"), InputError, says("exponents are not read"));
    CHECK_THROWS_MATCHES(parse_duration("10 sec"), InputError, says("unknown unit 'sec'"));
    CHECK_THROWS_MATCHES(parse_duration("10mss"), InputError, says("did you mean 'ms'?"));
    CHECK_THROWS_MATCHES(parse_duration("10KiB"), InputError, says("unknown unit 'KiB'"));
    CHECK_THROWS_MATCHES(parse_duration("1.s"), InputError, says("digits on both sides"));
    CHECK_THROWS_MATCHES(parse_duration(".5s"), InputError, says("digits on both sides"));
    CHECK_THROWS_MATCHES(parse_duration("1.5.2s"), InputError, says("unknown unit"));
    CHECK_THROWS_MATCHES(parse_duration("abc"), InputError, says("is not a duration"));
    CHECK_THROWS_MATCHES(parse_duration("1,5s"), InputError, says("unknown unit"));
    CHECK_THROWS_MATCHES(parse_duration("nan"), InputError, says("is not a duration"));
    CHECK_THROWS_MATCHES(parse_duration("0x10s"), InputError, says("unknown unit"));
}

TEST_CASE("a duration beyond the range or the fineness of virtual time is refused") {
    CHECK_THROWS_MATCHES(parse_duration("2568h"), InputError, says("106 days")); // 107 days
    CHECK_THROWS_MATCHES(parse_duration("9223372.036854775808s"), InputError, says("106 days"));
    CHECK_THROWS_MATCHES(parse_duration("99999999999999999999999999999999h"), InputError, says("106 days"));
    CHECK_THROWS_MATCHES(parse_duration("0.5ps"), InputError, says("whole number of picoseconds"));
    CHECK_THROWS_MATCHES(parse_duration("0.0000000000001s"), InputError, says("whole number of picoseconds"));
    CHECK_THROWS_MATCHES(parse_duration("1.00000000000000000000000000000001s"), InputError,
                         says("whole number of picoseconds"));
}

TEST_CASE("a size is read in powers of 1024 and of 1000") {
    CHECK(parse_size("1B") == 1_B);
    CHECK(parse_size("64KiB") == 64_KiB);
    CHECK(parse_size("0.5 MiB") == 512_KiB);
    CHECK(parse_size("2GiB") == 2_GiB);
    CHECK(parse_size("1TiB") == 1024_GiB);
    CHECK(parse_size("1.5kB") == 1500_B);
    CHECK(parse_size("3MB") == 3'000'000_B);
    CHECK(parse_size("1GB") == 1'000'000'000_B);
    CHECK_THROWS_MATCHES(parse_size("64"), InputError, says("needs a unit: 64B, 64KiB"));
    CHECK_THROWS_MATCHES(parse_size("64kib"), InputError, says("did you mean 'KiB'?"));
    CHECK_THROWS_MATCHES(parse_size("1.5B"), InputError, says("whole number of bytes"));
    CHECK_THROWS_MATCHES(parse_size("8388608TiB"), InputError, says("2^63 bytes"));
    CHECK_THROWS_MATCHES(parse_size("-1B"), InputError, says("cannot be negative"));
}

TEST_CASE("a share is a percentage or a number") {
    CHECK(parse_share("10%") == 0.1);
    CHECK(parse_share("10 %") == 0.1);
    CHECK(parse_share("0.1") == 0.1);
    CHECK(parse_share("250%") == 2.5);
    CHECK(parse_share("0") == 0);
    CHECK_THROWS_MATCHES(parse_share("-1%"), InputError, says("cannot be negative"));
    CHECK_THROWS_MATCHES(parse_share("10s"), InputError, says("no unit but %"));
    CHECK_THROWS_MATCHES(parse_share("1e-1"), InputError, says("exponents are not read"));
    CHECK_THROWS_MATCHES(parse_share("some"), InputError, says("is not a share"));
    CHECK_THROWS_MATCHES(parse_share("nan"), InputError, says("is not a share"));
}

TEST_CASE("a message stays one short line, whatever was written") {
    const std::string written = "10" + std::string(5'000, 'x') + "\n\x1b[31m";
    try {
        static_cast<void>(parse_duration(written));
        FAIL("read as a duration");
    } catch (const InputError& error) {
        const std::string message = error.what();
        CHECK(message.size() < 300);
        CHECK(message.find('\n') == std::string::npos);
    }
    CHECK_THROWS_MATCHES(parse_duration("\x1b[31m\n"), InputError, says("'?[31m?'"));
}

TEST_CASE("garbage is either refused as bad input or reads back as itself") {
    constexpr std::string_view letters = "0123456789..- +eEsmunphiBKMG%\t\n\xc2\xb5x";
    DrawStream random({.seed = 1});
    int accepted = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (auto length = uniform_below(random, 12); length > 0; --length)
            text += letters[uniform_below(random, letters.size())];
        try {
            const Duration duration = parse_duration(text);
            REQUIRE(duration >= 0s);
            REQUIRE(parse_duration(exact_text(duration)) == duration);
            ++accepted;
        } catch (const InputError&) {
        }
        try {
            const Bytes size = parse_size(text);
            REQUIRE(size.count >= 0);
        } catch (const InputError&) {
        }
        try {
            const double share = parse_share(text);
            REQUIRE(share >= 0);
        } catch (const InputError&) {
        }
    }
    CHECK(accepted > 0);
}

TEST_CASE("the exact text of a duration is short, and reads back as the duration") {
    CHECK(exact_text(0s) == "0 s");
    CHECK(exact_text(21'900ms) == "21.9 s");
    CHECK(exact_text(50us) == "50 us");
    CHECK(exact_text(100ms) == "100 ms");
    CHECK(exact_text(Duration{1500}) == "1.5 ns");
    CHECK(exact_text(Duration{1}) == "1 ps");
    CHECK(exact_text(1s + 1ns) == "1000000.001 us");
    CHECK(exact_text(-1500us) == "-1.5 ms");
    CHECK(exact_text(Duration::max()) == "9223372036854775.807 ns");
    CHECK(exact_text(Duration::min()) == "-9223372036854775.808 ns");

    DrawStream random({.seed = 2});
    for (int round = 0; round < 5'000; ++round) {
        const Duration duration{static_cast<std::int64_t>(random() >> (1 + uniform_below(random, 62)))};
        REQUIRE(parse_duration(exact_text(duration)) == duration);
    }
}

TEST_CASE("the rounded text of a duration has four significant digits") {
    CHECK(rounded_text(0s) == "0 s");
    CHECK(rounded_text(21'900ms) == "21.90 s");
    CHECK(rounded_text(Duration{461'234}) == "461.2 ns");
    CHECK(rounded_text(Duration{461}) == "461 ps");
    CHECK(rounded_text(Duration{999'949}) == "999.9 ns");
    CHECK(rounded_text(Duration{999'950}) == "1.000 us");
    CHECK(rounded_text(9'999'600ns) == "10.00 ms");
    CHECK(rounded_text(12'345s) == "12345 s");
    CHECK(rounded_text(-1500us) == "-1.500 ms");
    CHECK(rounded_text(Duration::max()) == "9223372 s");
}

TEST_CASE("a size is written with a binary unit and four significant digits") {
    CHECK(text_of(0_B) == "0 B");
    CHECK(text_of(64_KiB) == "64 KiB");
    CHECK(text_of(Bytes{8602}) == "8.4 KiB");
    CHECK(text_of(1_KiB) == "1 KiB");
    CHECK(text_of(1023_B) == "1023 B");
    CHECK(text_of(1536_MiB) == "1.5 GiB");
    CHECK(text_of(Bytes{-2048}) == "-2 KiB");
}

TEST_CASE("the nearest word is the one that was meant, or none") {
    constexpr std::array<std::string_view, 5> words{"slice", "policy", "cores", "makespan", "seed"};
    CHECK(nearest_word("slce", words) == "slice");
    CHECK(nearest_word("silce", words) == "slice"); // two neighbours swapped are one error
    CHECK(nearest_word("Policy", words) == "policy");
    CHECK(nearest_word("core", words) == "cores");
    CHECK(nearest_word("makspan", words) == "makespan");
    CHECK(nearest_word("bandwidth", words).empty());
    CHECK(nearest_word("x", words).empty());
    CHECK(nearest_word("", words).empty());
    CHECK(nearest_word(std::string(10'000, 's'), words).empty());
    CHECK(nearest_word("slice", {}).empty());
    CHECK(suggestion("slce", words) == " (did you mean 'slice'?)");
    CHECK(suggestion("bandwidth", words).empty());
}

TEST_CASE("a factor is read exactly in thousandths") {
    CHECK(parse_thousandths("1") == 1000);
    CHECK(parse_thousandths("0.55") == 550);
    CHECK(parse_thousandths("0.001") == 1);
    CHECK(parse_thousandths(" 50 % ") == 500);
    CHECK(parse_thousandths("12.5%") == 125);
    CHECK(parse_thousandths("1.2500") == 1250);
    CHECK(parse_thousandths("0") == 0);
    for (const char* broken : {"", "-1", "+1", "fast", "0.0001", "0.01%", "1ms", ".5", "1e3", "99999999999999999999"})
        CHECK_THROWS_AS(parse_thousandths(broken), InputError);
}
