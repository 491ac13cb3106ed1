#include "formats/json/profile_json.hpp"
#include "tests/formats/input_error.hpp"
#include "tests/formats/scratch_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace switchyard;
using namespace switchyard::formats;

// A profile with every kind of law and everything said that can be said.
static CostProfile full_profile() {
    CostProfile profile;
    profile.name = "lab \"7\" \xc3\xa4";
    profile.origin = {
        "AMD EPYC", "Linux 6.18.44", "2025-11-21T04:00:00Z", "switchyard calibrate", 2, 0.0123456789, 0.05, 3};
    profile.hz = 250;
    profile.iteration_picoseconds = 812.3456789012345;
    profile.warnings = {"no performance counters"};
    profile.kernel = {{"base_slice", "700 us", "debugfs"}, {"run_to_parity", "no", ""}};

    Law context = Law::constant(Duration{461'200});
    context.interval = Interval{455'000.5, 467'500};
    context.origin = {"thread_switch", 5000, 5, "rounds disagree by 3 %"};
    profile[Cost::switch_context] = context;
    profile[Cost::fork] = Law::affine(25e6, {{Quantity::pages, 20'100.25}, {Quantity::bytes, 1.0 / 3}});
    const std::pair<std::int64_t, double> points[] = {{1, 800'000}, {10, 950'000.5}, {1000, 2'800'000}};
    profile[Cost::tick] = Law::table(Quantity::runnable_tasks, points);
    profile[Cost::tick]->origin = {"tick",
                                   90,
                                   7,
                                   "",
                                   {{"tick", 1, 812'500, 800'000, {790'000, 820'000}, 60, 3, 7},
                                    {"tick", 5, 912'500, 900'000, {890'000, 920'000}, 30, 0, 6, true, -0.0625}}};
    profile[Cost::thread_resident] = Law::constant_of(8601.6);
    return profile;
}

TEST_CASE("a profile survives being written and read, exactly") {
    CHECK(parse_profile(profile_to_json(full_profile()), "p.json") == full_profile());
    CHECK(parse_profile(profile_to_json(CostProfile{}), "p.json") == CostProfile{});
    for (const std::string_view name : built_in_profiles()) {
        INFO(name);
        const CostProfile profile = *built_in_profile(name);
        CHECK(parse_profile(profile_to_json(profile), "p.json") == profile);
    }
}

TEST_CASE("a profile's figures are decimals in the unit stated") {
    const auto json = nlohmann::json::parse(profile_to_json(full_profile()));
    CHECK(json["schema_version"] == 2);
    const auto& context = json["laws"]["switch.context"];
    CHECK(context["unit"] == "ns");
    CHECK(context["law"] == "constant");
    CHECK(context["base"] == 461.2);
    CHECK(context["interval"] == nlohmann::json::array({455.0005, 467.5}));
    CHECK(json["laws"]["fork"]["terms"][0] == nlohmann::json({{"per", "pages"}, {"value", 20.10025}}));
    CHECK(json["laws"]["tick"]["points"][1] == nlohmann::json::array({10, 950.0005}));
    CHECK(json["laws"]["thread.resident"]["unit"] == "bytes");
    CHECK(json["laws"]["thread.resident"]["base"] == 8601.6);
    CHECK_FALSE(json["laws"].contains("switch.fiber")); // not known: absent
}

TEST_CASE("a law's origin says how good it is, where it was fitted and where it was held out") {
    const auto json = nlohmann::json::parse(profile_to_json(full_profile()));
    const auto& origin = json["laws"]["tick"]["origin"];
    CHECK(origin["points"].size() == 2);
    CHECK(origin["points"][0]["value"] == 800);
    CHECK(origin["points"][0]["held_out"] == false);
    CHECK(origin["points"][1]["at"] == 5);
    CHECK(origin["fitted"] == nlohmann::json({{"points", 1}, {"mean_error", 0}, {"largest_error", 0}}));
    CHECK(origin["held_out"] == nlohmann::json({{"points", 1}, {"mean_error", 0.0625}, {"largest_error", 0.0625}}));
    CHECK_FALSE(json["laws"]["fork"].contains("origin"));
    CHECK(json["kernel"]["base_slice"]["value"] == "700 us");
}

TEST_CASE("a profile of the first schema version is read, without what it had not") {
    const CostProfile profile = read_profile(SWITCHYARD_SOURCE_DIR "/tests/golden/profile.json");
    CHECK(profile.name == "reference");
    REQUIRE(profile[Cost::system_call].has_value());
    CHECK(profile[Cost::system_call]->origin.samples == 3458);
    CHECK(profile[Cost::system_call]->origin.points.empty());
    CHECK(profile.kernel.empty());
}

TEST_CASE("a profile is kept in a file") {
    const ScratchFolder folder;
    write_profile(full_profile(), folder / "p.json");
    CHECK(read_profile(folder / "p.json") == full_profile());
}

// A whole profile around one law.
static std::string with_law(const std::string& law) {
    return R"({"schema_version": 1, "name": "p", "hz": 0, "laws": {)" + law + "}}";
}

TEST_CASE("a broken law says what and where") {
    const Broken table[] = {
        {R"("tick": {"unit": "ns", "law": "constant", "base": 1})", "no error"},
        {R"("tock": {"unit": "ns", "law": "constant", "base": 1})",
         "p.json: $.laws: unknown cost 'tock' (did you mean 'tick'?)"},
        {R"("tick": {"unit": "us", "law": "constant", "base": 1})",
         "p.json: $.laws.tick.unit: this cost is in 'ns', not 'us'"},
        {R"("thread.kernel": {"unit": "ns", "law": "constant", "base": 1})",
         "p.json: $.laws['thread.kernel'].unit: this cost is in 'bytes', not 'ns'"},
        {R"("tick": {"unit": "ns", "law": "linear", "base": 1})", "p.json: $.laws.tick.law: unknown law 'linear'"},
        {R"("tick": {"unit": "ns", "law": "constant"})", "p.json: $.laws.tick: 'base' is missing"},
        {R"("tick": {"law": "constant", "base": 1})", "p.json: $.laws.tick: 'unit' is missing"},
        {R"("tick": {"unit": "ns", "law": "constant", "base": null})",
         "p.json: $.laws.tick.base: a number is wanted, not null"},
        {R"("tick": {"unit": "ns", "law": "constant", "base": "1"})",
         "p.json: $.laws.tick.base: a number is wanted, not string"},
        {R"("tick": {"unit": "ns", "law": "constant", "base": 1e30})",
         "p.json: $.laws.tick.base: the figure is out of range"},
        {R"("tick": {"unit": "ns", "law": "constant", "base": 1, "bsae": 2})",
         "p.json: $.laws.tick: unknown key 'bsae' (did you mean 'base'?)"},
        {R"("tick": {"unit": "ns", "law": "constant", "base": 1, "terms": []})",
         "p.json: $.laws.tick: unknown key 'terms'"},
        {R"("tick": {"unit": "ns", "law": "affine", "base": 1})", "p.json: $.laws.tick: 'terms' is missing"},
        {R"("tick": {"unit": "ns", "law": "affine", "base": 1, "terms": {}})",
         "p.json: $.laws.tick.terms: an array is wanted, not object"},
        {R"("tick": {"unit": "ns", "law": "affine", "base": 1, "terms": [{"per": "page", "value": 1}]})",
         "p.json: $.laws.tick.terms[0].per: unknown quantity 'page' (did you mean 'pages'?)"},
        {R"("tick": {"unit": "ns", "law": "table", "over": "pages", "points": []})",
         "p.json: $.laws.tick.points: a table needs a point"},
        {R"("tick": {"unit": "ns", "law": "table", "over": "pages", "points": [[1, 2], [1, 3]]})",
         "p.json: $.laws.tick.points[1]: the quantity must rise from point to point"},
        {R"("tick": {"unit": "ns", "law": "table", "over": "pages", "points": [[1, 2], [2, 1]]})",
         "p.json: $.laws.tick.points[1]: the value must not fall"},
        {R"("tick": {"unit": "ns", "law": "constant", "base": 1, "interval": [1]})",
         "p.json: $.laws.tick.interval: an interval is [low, high]"},
        {R"("tick": {"unit": "ns", "law": "constant", "base": 1, "interval": [2, 1]})",
         "p.json: $.laws.tick.interval: the interval's low end lies above its high end"},
        {R"("tick": {"unit": "ns", "law": "constant", "base": 1, "origin": {"samples": -1}})",
         "p.json: $.laws.tick.origin.samples: an integer of 0 or more is wanted"},
        {R"("tick": 5)", "p.json: $.laws.tick: an object is wanted, not number"},
    };
    for (const Broken& broken : table) {
        INFO(broken.text);
        CHECK(error_of([&] { static_cast<void>(parse_profile(with_law(broken.text), "p.json")); }) == broken.message);
    }
}

TEST_CASE("a broken profile says what and where") {
    const Broken table[] = {
        {"", "p.json:1:1: malformed JSON: it ends too early"},
        {"{\n  \"name\": nan}", "p.json:2:12: malformed JSON"},
        {"{\"a\": 1, \"a\": 2}", "p.json: duplicate key 'a'"},
        {"{\"a\": 1e999}", "p.json: a number is too large for a double"},
        {"[]", "p.json: $: an object is wanted, not array"},
        {"{}", "p.json: $: 'schema_version' is missing"},
        {R"({"schema_version": 3})", "p.json: $.schema_version: version 3 cannot be read: this program reads 1 to 2"},
        {R"({"schema_version": 0})", "p.json: $.schema_version: version 0 cannot be read: this program reads 1 to 2"},
        {R"({"schema_version": "1"})", "p.json: $.schema_version: an integer from 0 to 2147483647 is wanted"},
        {R"({"schema_version": 1})", "p.json: $: 'name' is missing"},
        {R"({"schema_version": 1, "name": "p", "hz": 0, "lawz": {}})",
         "p.json: $: unknown key 'lawz' (did you mean 'laws'?)"},
        {R"({"schema_version": 1, "name": "p", "hz": -1, "laws": {}})",
         "p.json: $.hz: an integer from 0 to 4294967295 is wanted"},
        {R"({"schema_version": 1, "name": "p", "hz": 0, "iteration_ps": -1, "laws": {}})",
         "p.json: $.iteration_ps: a number of 0 or more is wanted"},
        {R"({"schema_version": 1, "name": "p", "hz": 0, "laws": {}, "warnings": [1]})",
         "p.json: $.warnings[0]: a string is wanted, not number"},
    };
    for (const Broken& broken : table) {
        INFO(broken.text);
        CHECK(error_of([&] { static_cast<void>(parse_profile(broken.text, "p.json")); }) == broken.message);
    }
    std::string wide = "{\"k\": 0";
    for (int i = 0; i < 10'000; ++i) wide += fmt::format(", \"k{}\": 0", i);
    CHECK(error_of([&] { static_cast<void>(parse_profile(wide + "}", "p.json")); }) ==
          "p.json: more than 10000 keys in one object");
    const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
    CHECK(error_of([&] { static_cast<void>(parse_profile(deep, "p.json")); }) ==
          "p.json: nested deeper than 64 levels");
}
