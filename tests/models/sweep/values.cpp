#include "models/sweep/values.hpp"

#include <catch2/catch_test_macros.hpp>
#include <map>

using namespace switchyard;

static std::vector<std::string> texts(const std::vector<SweepValue>& values) {
    std::vector<std::string> all;
    for (const SweepValue& value : values) all.push_back(value.text);
    return all;
}

using Texts = std::vector<std::string>;

TEST_CASE("Numbers are read with their unit") {
    CHECK(read_unit_number("1.5ms").number == 0.0015);
    CHECK(read_unit_number("1.5ms").unit == ParameterUnit::time);
    CHECK(read_unit_number("64KiB").number == 65536.0);
    CHECK(read_unit_number("64KiB").unit == ParameterUnit::bytes);
    CHECK(read_unit_number("10%").number == 0.1);
    CHECK(read_unit_number("10%").unit == ParameterUnit::share);
    CHECK(read_unit_number("0.5").unit == ParameterUnit::none);
    CHECK(!read_unit_number("event-loop").number);
    CHECK(!read_unit_number("inf").number);
    CHECK(!read_unit_number("1 fortnight").number);
}

TEST_CASE("Values of one unit are numbers, of several words") {
    std::vector<SweepValue> times{{.text = "1ms"}, {.text = "1s"}};
    CHECK(settle_units(times) == ParameterUnit::time);
    CHECK(times[1].number == 1.0);
    std::vector<SweepValue> shares{{.text = "0.5"}, {.text = "10%"}};
    CHECK(settle_units(shares) == ParameterUnit::share);
    std::vector<SweepValue> mixed{{.text = "1ms"}, {.text = "never"}};
    CHECK(settle_units(mixed) == ParameterUnit::none);
    CHECK(!mixed[0].number);
}

TEST_CASE("Ranges are spaced out in equal ratios or steps, both ends exactly") {
    CHECK(texts(spaced_values({1e-4, 1, true}, ParameterUnit::time, 5)) ==
          Texts{"100us", "1ms", "10ms", "100ms", "1s"});
    CHECK(texts(spaced_values({1e-4, 1e-3, true}, ParameterUnit::time, 4)) ==
          Texts{"100us", "215.4us", "464.2us", "1ms"});
    CHECK(texts(spaced_values({1, 8, true, true}, ParameterUnit::none, 7)) == Texts{"1", "2", "3", "4", "6", "8"});
    CHECK(texts(spaced_values({0, 1}, ParameterUnit::none, 5)) == Texts{"0", "0.25", "0.5", "0.75", "1"});
    CHECK(texts(spaced_values({4096, 65536, true}, ParameterUnit::bytes, 5)) ==
          Texts{"4KiB", "8KiB", "16KiB", "32KiB", "64KiB"});
}

TEST_CASE("Steps end where the range does") {
    CHECK(texts(stepped_values({1, 7, false, true}, ParameterUnit::none, 2)) == Texts{"1", "3", "5", "7"});
    CHECK(texts(stepped_values({1, 6, false, true}, ParameterUnit::none, 2)) == Texts{"1", "3", "5"});
    CHECK(texts(stepped_values({0, 0.3}, ParameterUnit::none, 0.1)) == Texts{"0", "0.1", "0.2", "0.3"});
    CHECK(texts(stepped_values({1e-3, 3e-3}, ParameterUnit::time, 5e-4)) ==
          Texts{"1ms", "1.5ms", "2ms", "2.5ms", "3ms"});
}

TEST_CASE("A drawn value is anywhere in its range, or one of the values with equal chances") {
    SweepParameter slice;
    slice.unit = ParameterUnit::time;
    slice.range = ParameterRange{1e-3, 1, true};
    CHECK(value_at(slice, 0).text == "1ms");
    CHECK(value_at(slice, 1.0 / 3).text == "10ms");
    CHECK(value_at(slice, 0.5).text == "31622.8us");

    SweepParameter cores;
    cores.range = ParameterRange{1, 4, false, true};
    std::map<std::string, int> drawn;
    for (int i = 0; i < 400; ++i) ++drawn[value_at(cores, i / 400.0).text];
    CHECK(drawn == std::map<std::string, int>{{"1", 100}, {"2", 100}, {"3", 100}, {"4", 100}});

    SweepParameter model;
    model.values = {{.text = "a"}, {.text = "b"}};
    CHECK(value_at(model, 0.49).text == "a");
    CHECK(value_at(model, 0.5).text == "b");
}
