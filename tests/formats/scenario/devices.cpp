// Devices and their operations as scenario files write them, and what is said of those with one thing wrong.
#include "formats/scenario/read_scenario.hpp"
#include "tests/formats/input_error.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace switchyard::formats;

TEST_CASE("devices are read, and the operations they do") {
    const Scenario scenario =
        parse_scenario("devices:\n"
                       "  plain: 2ms\n"
                       "  drawn: {exponential: {mean: 1ms}}\n"
                       "  disk: {service: {uniform: {low: 1ms, high: 3ms}}, parallel: 4, depth: 32}\n"
                       "tasks:\n"
                       "  A:\n"
                       "    do: [io: plain, io: {device: disk, style: polling},\n"
                       "         io: {device: drawn, style: readiness, for: 5us}]\n",
                       "f.yaml");
    REQUIRE(scenario.devices.size() == 3);
    CHECK(scenario.devices[0] == Device{"plain", Distribution::constant(2'000'000'000), 1, 0});
    CHECK(scenario.devices[1] == Device{"drawn", Distribution::exponential(1e9), 1, 0});
    CHECK(scenario.devices[2] == Device{"disk", Distribution::uniform(1e9, 3e9), 4, 32});
    const Program& program = scenario.tasks[0].program;
    CHECK(program.code[0].style == WaitStyle::blocking);
    CHECK(program.amounts[program.code[0].amount] == scenario.devices[0].service);
    CHECK(program.code[1].style == WaitStyle::polling);
    CHECK(program.code[1].object == 2);
    CHECK(program.amounts[program.code[1].amount] == scenario.devices[2].service);
    CHECK(program.code[2].style == WaitStyle::readiness);
    CHECK(program.amounts[program.code[2].amount] == Distribution::constant(5'000'000));
}

TEST_CASE("a broken device says what, where and what to do") {
    const Broken table[] = {
        {"4KiB", "two.yaml:1:17: 'disk' takes a time with its unit (10s, 250us): '4KiB' is a size"},
        {"{parallel: 2}",
         "two.yaml:1:11: a device needs 'service': a time with its unit (10s, 250us) or a distribution"},
        {"{service: 1ms, paralel: 2}", "two.yaml:1:32: unknown key 'paralel' in a device (did you mean 'parallel'?)"},
        {"{service: 1ms, parallel: 0}", "two.yaml:1:42: 'parallel' takes an integer from 1 to 4294967295, not '0'"},
        {"{service: 1ms, parallel: 4, depth: 2}", "two.yaml:1:11: device 'disk' takes 2 operations and serves 4 at "
                                                  "once: its depth must be at least as large"},
        {"{service: -1ms}", "two.yaml:1:27: '-1ms': a duration cannot be negative"},
    };
    for (const Broken& broken : table) {
        const std::string text = std::string("devices: {disk: ") + broken.text + "}\ntasks: {A: {do: [yield]}}\n";
        CHECK(error_of([&] { static_cast<void>(parse_scenario(text, "two.yaml")); }) == broken.message);
    }
}

// Each text is an operation, from column 18 of line 2.
TEST_CASE("a broken operation of a device says what, where and what to do") {
    const Broken table[] = {
        {"io: disc", "two.yaml:2:22: no device is called 'disc' (did you mean 'disk'?): declare it among the devices "
                     "of the scenario"},
        {"io: {style: polling}", "two.yaml:2:18: 'io' needs 'device': a name"},
        {"io: {device: disk, style: pol}",
         "two.yaml:2:44: unknown style 'pol': known are 'blocking', 'polling', 'readiness' and 'completion'"},
        {"io: {device: disk, for: 4KiB}",
         "two.yaml:2:42: 'for' takes a time with its unit (10s, 250us): '4KiB' is a size"},
    };
    for (const Broken& broken : table) {
        const std::string text = std::string("devices: {disk: 1ms}\ntasks: {A: {do: [") + broken.text + "]}}\n";
        CHECK(error_of([&] { static_cast<void>(parse_scenario(text, "two.yaml")); }) == broken.message);
    }
}
