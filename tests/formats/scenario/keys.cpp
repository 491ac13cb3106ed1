#include "formats/scenario/keys.hpp"

#include <catch2/catch_test_macros.hpp>
#include <set>
#include <string>

using namespace switchyard::formats;

// Every key of the map and of all maps below it.
static void check_keys(const MapDescription& map, std::set<const MapDescription*>& seen) {
    if (!seen.insert(&map).second) return;
    INFO(map.name);
    CHECK_FALSE(map.name.empty());
    CHECK_FALSE(map.about.empty());
    std::set<std::string_view> names;
    for (const KeyDescription& key : map.keys) {
        INFO(key.name);
        CHECK(names.insert(key.name).second);
        CHECK_FALSE(key.about.empty());
        CHECK(map.find(key.name) == &key);
        CHECK((key.map != nullptr) ==
              (describe(key.type).map && key.type != ValueType::drawn_time && key.type != ValueType::drawn_count));
        if (key.map) check_keys(*key.map, seen);
    }
    if (map.others != OtherKeys::none && map.other.map) check_keys(*map.other.map, seen);
}

TEST_CASE("every key has a name of its own, a type and a description") {
    std::set<const MapDescription*> seen;
    for (const MapDescription* map : {&scenario_map, &operation_map, &distribution_map}) check_keys(*map, seen);
    CHECK(seen.size() > 20);
}

TEST_CASE("every type of value says what is wanted and takes some form") {
    for (int i = 0; i <= static_cast<int>(ValueType::operations); ++i) {
        const ValueDescription& value = describe(static_cast<ValueType>(i));
        CHECK_FALSE(value.wanted.empty());
        CHECK((value.scalar || value.list || value.map));
    }
}
