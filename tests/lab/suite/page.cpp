#include "lab/suite/page.hpp"

#include "lab/suite/drawing.hpp"
#include "lab/suite/validation_json.hpp"
#include "tests/lab/suite/sample.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <fstream>
#include <sstream>

using namespace switchyard;
using Catch::Matchers::ContainsSubstring;

static std::string stored(const char* name) {
    std::ifstream file(std::string(SWITCHYARD_SOURCE_DIR "/tests/golden/") + name);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

static std::size_t times(const std::string& text, std::string_view what) {
    std::size_t count = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
    return count;
}

TEST_CASE("a stored validation gives the stored page, byte for byte") {
    const lab::Validation validation = lab::parse_validation(stored("validation.json"), "validation.json");
    CHECK(lab::validation_markdown(validation) == stored("validation.md"));
    CHECK(lab::validation_html(validation) == lab::validation_html(validation));
}

TEST_CASE("the page is whole: nothing in it comes from elsewhere, and what is written in it is text") {
    const std::string html = lab::validation_html(lab::sample_validation());
    for (const char* const outside : {"http:", "https:", "src=", "url(", "@import", "<script", "<link"})
        CHECK(html.find(outside) == std::string::npos);
    CHECK_THAT(html, ContainsSubstring("A &lt;CPU&gt; &amp; more"));
    CHECK_THAT(html, ContainsSubstring("prefers-color-scheme: dark"));
    for (const char* const element : {"table", "section", "svg", "figure", "main", "tr", "td", "p", "ul", "h2"})
        CHECK(times(html, std::string("<") + element + ">") + times(html, std::string("<") + element + " ") ==
              times(html, std::string("</") + element + ">"));
}

TEST_CASE("both pages carry the misses, and where the time went") {
    const lab::Validation validation = lab::sample_validation();
    for (const std::string& page : {lab::validation_html(validation), lab::validation_markdown(validation)}) {
        CHECK_THAT(page, ContainsSubstring("yield-ring/1000-threads"));
        CHECK_THAT(page, ContainsSubstring("system: 100.0 ms predicted, 200.0 ms measured"));
        CHECK_THAT(page, ContainsSubstring("4 of 5"));
        CHECK_THAT(page, ContainsSubstring("predicted"));
    }
    CHECK_THAT(lab::validation_markdown(validation), ContainsSubstring("**missed**"));
}

TEST_CASE("an error is drawn where it stands to its target, and as an arrow where that is off the drawing") {
    const lab::Validation validation = lab::sample_validation();
    CHECK_THAT(lab::error_bar(validation.scenarios[0].rows[0]), ContainsSubstring("<circle class=\"met\""));
    CHECK_THAT(lab::error_bar(validation.scenarios[1].rows[0]), ContainsSubstring("<path class=\"missed\""));
    CHECK(lab::error_bar(validation.scenarios[0].rows[3]).empty()); // no target
    CHECK(times(lab::curves(validation.scenarios[0].distributions[0]), "<path class=\"curve") == 2);
}
