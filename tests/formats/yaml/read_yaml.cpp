#include "formats/yaml/read_yaml.hpp"
#include "tests/formats/input_error.hpp"

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

using namespace switchyard;
using namespace switchyard::formats;

TEST_CASE("a document becomes a tree that knows every place") {
    const Node root = read_yaml("a: 10s\nb:\n  - x\n  - {c: \"\", d: }\n", "f.yaml");
    REQUIRE(root.is_map());
    REQUIRE(root.children.size() == 2);

    const Node& a = root.children[0];
    CHECK(a.key == "a");
    CHECK(a.text == "10s");
    CHECK(a.key_location().text() == "f.yaml:1:1");
    CHECK(a.location().text() == "f.yaml:1:4");

    const Node& b = *root.find("b");
    REQUIRE(b.is_sequence());
    CHECK(b.children[0].location().text() == "f.yaml:3:5");
    CHECK(b.children[0].key.empty());
    CHECK(b.children[1].find("c")->quoted);
    CHECK_FALSE(b.children[1].find("c")->is_empty());
    CHECK(b.children[1].find("d")->is_empty());
    CHECK(b.children[1].find("d")->location().text() == "f.yaml:4:13"); // that of its key: it has none of its own
    CHECK(b.children[1].find("e") == nullptr);
}

TEST_CASE("a document without content is an empty scalar") {
    for (const char* text : {"", "\n", "# only a comment\n", "---\n"}) CHECK(read_yaml(text, "f.yaml").is_empty());
}

TEST_CASE("an alias stands for a copy of what its anchor marks, at its own place") {
    const Node root = read_yaml("a: &work [compute: 1s, yield]\nb: *work\n", "f.yaml");
    const Node& b = *root.find("b");
    REQUIRE(b.children.size() == 2);
    CHECK(b.children[0].find("compute")->text == "1s");
    CHECK(b.location().text() == "f.yaml:2:4");
    CHECK(b.key == "b");
}

TEST_CASE("malformed YAML says what, where and what to do") {
    const Broken table[] = {
        {"a: 1\nb: 2\na: 3\n", "f.yaml:3:1: duplicate key 'a': first given at 1:1"},
        {"a: {x: 1, y: 2, x: 3}", "f.yaml:1:17: duplicate key 'x': first given at 1:5"},
        {"a: 1\n\"a\": 2", "f.yaml:2:1: duplicate key 'a': first given at 1:1"},
        {"a: [1, 2", "f.yaml:1:4: this list is not closed: ']' is missing"},
        {"[1", "f.yaml:1:1: this list is not closed: ']' is missing"},
        {"a: {b: 1", "f.yaml:1:4: this map is not closed: '}' is missing"},
        {"a: b: c", "f.yaml:1:5: a ':' where no value can begin: quote the text, or check the indentation"},
        {"a: \"x", "f.yaml:1:6: the file ends inside a quoted text: a closing quote is missing"},
        {"a:\n\t- b", "f.yaml:2:2: a '-' where no list item can begin: check the indentation"},
        {"{a: 1}}", "f.yaml:1:7: a closing bracket that nothing opened"},
        {"a: @x", "f.yaml:1:4: a character no plain text can begin with: quote the text"},
        {"a: *x", "f.yaml:1:4: an alias to an anchor that is not defined before it"},
        {"a: &x [*x]", "f.yaml:1:8: this alias stands inside what it refers to"},
        {"a: !int 1", "f.yaml:1:4: tag '!int': tags are not supported, leave it out"},
        {"a: !!map {}", "f.yaml:1:4: tag 'tag:yaml.org,2002:map': tags are not supported, leave it out"},
        {"? [a, b]\n: c", "f.yaml:1:3: a key must be a plain text, not a list or a map"},
        {"<<: {a: 1}", "f.yaml:1:1: merge keys ('<<') are not supported: write the keys out"},
        {"a: 1\n---\nb: 2", "f.yaml:2:1: a second document begins here: one file is one document"},
        {"a: 1\nb: \"\x01\"", "f.yaml:2:5: control character 0x01: YAML allows none"},
        {"a: \xff", "f.yaml:1:4: this is not UTF-8 text: save the file in that encoding"},
        {"a: \xed\xa0\x80", "f.yaml:1:4: this is not UTF-8 text: save the file in that encoding"}, // a surrogate
        {"a: \xc0\xaf", "f.yaml:1:4: this is not UTF-8 text: save the file in that encoding"}, // not the shortest form
    };
    for (const Broken& broken : table)
        CHECK(error_of([&] { static_cast<void>(read_yaml(broken.text, "f.yaml")); }) == broken.message);
}

TEST_CASE("every error is one line, however strange the text") {
    const std::string message = error_of([] { static_cast<void>(read_yaml("\"a\\nb\": 1\n\"a\\nb\": 2", "f.yaml")); });
    CHECK(message == "f.yaml:2:1: duplicate key 'a\\nb': first given at 1:1");
    CHECK(shown(std::string(100, 'x')) == "'" + std::string(60, 'x') + "...'");
    CHECK(shown(std::string(59, 'x') + "\xc3\xa4") == "'" + std::string(59, 'x') + "...'"); // no half a character
}

TEST_CASE("limits hold for collections inside one another") {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    CHECK(read_yaml(nested(64), "f.yaml").is_sequence());
    CHECK(error_of([&] { static_cast<void>(read_yaml(nested(65), "f.yaml")); }) ==
          "f.yaml:1:65: nested deeper than 64 levels");
    CHECK(
        error_of([&] { static_cast<void>(read_yaml(std::string(1'000'000, '['), "f.yaml")); }).ends_with("64 levels"));
    // An alias brings its own depth with it.
    const YamlLimits three{.depth = 3};
    CHECK(read_yaml("[&a [x], [*a]]", "f.yaml", three).is_sequence());
    CHECK(error_of([&] { static_cast<void>(read_yaml("[&a [x], [[*a]]]", "f.yaml", three)); }) ==
          "f.yaml:1:12: nested deeper than 3 levels");
}

TEST_CASE("limits hold for bytes, values and what aliases expand to") {
    CHECK(error_of([] { static_cast<void>(read_yaml(std::string(2 << 20, ' '), "f.yaml", {.bytes = 1 << 20})); }) ==
          "f.yaml: larger than the 1 MiB allowed");
    CHECK(error_of([] { static_cast<void>(read_yaml("[1, 2, 3]", "f.yaml", {.nodes = 2})); }) ==
          "f.yaml:1:8: more than 2 values");
    CHECK(error_of([] { static_cast<void>(read_yaml("a: 1\nb: [" + std::string(3 << 20, '['), "f.yaml")); }) ==
          "f.yaml:2:4: a list or map in brackets or a text here is larger than 2048 KiB: write a list in lines, "
          "with '-' before each item");
    CHECK(error_of([] { static_cast<void>(read_yaml("a: &a [1, 2]\nb: &b [*a, *a]", "f.yaml", {.copied = 12})); }) ==
          "f.yaml:2:4: anchors and aliases copy more than 12 values");
    // A billion laughs: each line has ten of the line before.
    std::string laughs = "a0: &a0 ha\n";
    for (int i = 1; i < 10; ++i)
        laughs += fmt::format("a{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}]\n", i,
                              i - 1);
    CHECK(error_of([&] { static_cast<void>(read_yaml(laughs, "f.yaml")); }) ==
          "f.yaml:7:40: anchors and aliases copy more than 1000000 values");
}
