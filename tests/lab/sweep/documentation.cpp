// docs/sweeps.md: every key there is, and examples that can be computed.
#include "formats/files.hpp"
#include "formats/sweep/keys.hpp"
#include "lab/sweep/plan.hpp"

#include <catch2/catch_test_macros.hpp>
#include <functional>

using namespace switchyard;

static std::string documentation() { return formats::read_file(SWITCHYARD_SOURCE_DIR "/docs/sweeps.md"); }

TEST_CASE("docs/sweeps.md names every key of a sweep") {
    const std::string text = documentation();
    std::size_t keys = 0;
    const std::function<void(const formats::MapDescription&)> check = [&](const formats::MapDescription& map) {
        for (const formats::KeyDescription& key : map.keys) {
            ++keys;
            INFO(key.name);
            CHECK(text.find('`' + std::string(key.name) + '`') != std::string::npos);
            if (key.map) check(*key.map);
        }
        if (map.other.map) check(*map.other.map);
    };
    check(formats::sweep_map);
    CHECK(keys > 25);
}

TEST_CASE("The examples of docs/sweeps.md can be computed") {
    const std::string text = documentation();
    const std::string fence = "```yaml\n";
    std::size_t examples = 0;
    for (std::size_t at = text.find(fence); at != std::string::npos; at = text.find(fence, at)) {
        at += fence.size();
        const std::string example = text.substr(at, text.find("```", at) - at);
        INFO(example);
        const lab::SweepPlan plan(
            formats::parse_sweep(example, SWITCHYARD_SOURCE_DIR "/scenarios/sweeps/example.yaml"));
        lab::PointComputer computer(plan);
        for (const std::uint64_t cell : {std::uint64_t{0}, plan.cells() / 2, plan.cells() - 1}) {
            const auto result = computer.compute({cell, 0});
            REQUIRE(result);
            CHECK(result->reason.empty());
        }
        ++examples;
    }
    CHECK(examples == 3);
}
