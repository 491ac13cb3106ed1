#include "lab/suite/validation_json.hpp"

#include "formats/json/document.hpp"
#include "models/errors.hpp"
#include "tests/lab/suite/sample.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace switchyard;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

TEST_CASE("a validation is read back as it was written, and written again byte for byte") {
    const lab::Validation validation = lab::sample_validation();
    const std::string json = lab::validation_to_json(validation);
    const lab::Validation read = lab::parse_validation(json, "test");
    CHECK(read == validation);
    CHECK(lab::validation_to_json(read) == json);
}

TEST_CASE("whole reports are in it where they are asked for") {
    const lab::Validation validation = lab::sample_validation();
    std::vector<lab::Comparison> comparisons(2);
    comparisons[0].native.resize(3);
    const formats::Json json = formats::parse_json(lab::validation_to_json(validation, comparisons), "test");
    CHECK(json["kind"] == "validation");
    CHECK(json["comparisons"][0]["native"].size() == 3);
    CHECK(json["comparisons"][0]["prediction"].is_object());
    CHECK(json["summary"]["families"].size() == 2);
    CHECK(lab::parse_validation(lab::validation_to_json(validation, comparisons), "test") == validation);
    CHECK_FALSE(formats::parse_json(lab::validation_to_json(validation), "test")["comparisons"][0].contains("native"));
}

TEST_CASE("what is no validation is refused in one line that says where and why") {
    const auto message = [](const std::string& json) {
        try {
            static_cast<void>(lab::parse_validation(json, "file.json"));
        } catch (const InputError& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    CHECK_THAT(message("{}"), ContainsSubstring("file.json") && ContainsSubstring("validate --json"));
    CHECK_THAT(message(R"({"kind": "validation", "schema_version": 99})"), ContainsSubstring("version 99"));
    std::string wrong = lab::validation_to_json(lab::sample_validation());
    wrong.replace(wrong.find("\"count\""), 7, "\"clout\"");
    CHECK_THAT(message(wrong), ContainsSubstring("clout"));
    CHECK(message(wrong).find('\n') == std::string::npos);
}
