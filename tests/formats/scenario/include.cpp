#include "formats/scenario/read_scenario.hpp"
#include "tests/formats/input_error.hpp"
#include "tests/formats/scratch_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fmt/format.h>

using namespace switchyard;
using namespace switchyard::formats;

TEST_CASE("the including file wins over what it includes, key by key") {
    const ScratchFolder folder;
    folder.write("common.yaml", "machine: {cores: 4, profile: textbook}\n"
                                "tasks: {A: {kind: process, count: 2, do: [yield]}, B: {do: [yield]}}\n");
    folder.write("more/slow.yaml", "include: [deeper/hz.yaml]\nmachine: {profile: reference}\n");
    folder.write("more/deeper/hz.yaml", "machine: {hz: 100, profile: free}\n");
    const std::string path = folder.write("a.yaml", "include: [common.yaml, more/slow.yaml]\n"
                                                    "machine: {cores: 2}\n"
                                                    "tasks: {A: {do: [yield, yield]}, C: {do: [yield]}}\n");
    const Scenario scenario = read_scenario(path);
    CHECK(scenario.name == "a");
    CHECK(scenario.machine.cores == 2);             // its own
    CHECK(scenario.machine.profile == "reference"); // the later file of the list, over what that includes itself
    CHECK(scenario.machine.hz == 100);
    REQUIRE(scenario.tasks.size() == 3);
    CHECK(scenario.tasks[0].name == "A");
    CHECK(scenario.tasks[0].kind == TaskKind::process);
    CHECK(scenario.tasks[0].count == 2);
    CHECK(scenario.tasks[0].program.code.size() == 3); // lists are replaced, not joined
    CHECK(scenario.tasks[1].name == "B");
    CHECK(scenario.tasks[1].where.file == folder / "common.yaml");
}

TEST_CASE("a distribution is replaced whole, not merged with another") {
    const ScratchFolder folder;
    folder.write("common.yaml", "tasks: {A: {start: {exponential: {mean: 1ms}}, do: [yield]}}\n");
    const std::string path =
        folder.write("a.yaml", "include: [common.yaml]\ntasks: {A: {start: {uniform: {low: 1ms, high: 2ms}}}}\n");
    CHECK(read_scenario(path).tasks[0].start == Distribution::uniform(1e9, 2e9));
}

TEST_CASE("an error in an included file is placed there") {
    const ScratchFolder folder;
    const std::string common = folder.write("common.yaml", "machine:\n  coers: 4\n");
    const std::string path = folder.write("a.yaml", "include: [common.yaml]\ntasks: {A: {do: [yield]}}\n");
    CHECK(error_of([&] { static_cast<void>(read_scenario(path)); }) ==
          fmt::format("{}:2:3: unknown key 'coers' in 'machine' (did you mean 'cores'?)", common));
}

TEST_CASE("files that include one another in a circle are shown as one") {
    const ScratchFolder folder;
    const std::string a = folder.write("a.yaml", "include: [b.yaml]\ntasks: {A: {do: [yield]}}\n");
    const std::string b = folder.write("b.yaml", "include: [./c.yaml]\n");
    const std::string c = folder.write("c.yaml", "seed: 1\ninclude: [b.yaml]\n");
    CHECK(error_of([&] { static_cast<void>(read_scenario(a)); }) ==
          fmt::format("{}:2:11: circular include: {} -> {} -> {}", c, b, c, b));
    const std::string self = folder.write("self.yaml", "include: [self.yaml]\n");
    CHECK(error_of([&] { static_cast<void>(read_scenario(self)); }) ==
          fmt::format("{}:1:11: circular include: {} -> {}", self, self, self));
}

TEST_CASE("only files below the including file's folder can be included") {
    const ScratchFolder folder;
    folder.write("outside.yaml", "seed: 2\n");
    std::filesystem::create_directory(folder / "in");
    std::filesystem::create_symlink("../outside.yaml", folder / "in/link.yaml");
    for (const std::string& name : {std::string("../outside.yaml"), folder / "outside.yaml", std::string("link.yaml"),
                                    std::string("../in/../outside.yaml"), std::string("/etc/passwd")}) {
        const std::string path =
            folder.write("in/a.yaml", fmt::format("include: [\"{}\"]\ntasks: {{A: {{do: [yield]}}}}\n", name));
        const std::string message = error_of([&] { static_cast<void>(read_scenario(path)); });
        INFO(message);
        CHECK(message.starts_with(path + ":1:11: cannot include '"));
        CHECK(message.ends_with("': only files below this file's folder can be") == (name.size() <= 60));
    }
}

TEST_CASE("what cannot be included says why") {
    const ScratchFolder folder;
    const auto error_including = [&](const std::string& list) {
        const std::string path =
            folder.write("a.yaml", fmt::format("include: {}\ntasks: {{A: {{do: [yield]}}}}\n", list));
        return error_of([&] { static_cast<void>(read_scenario(path)); }).substr(path.size());
    };
    CHECK(error_including("[missing.yaml]") ==
          ":1:11: cannot include 'missing.yaml': cannot be read: No such file or directory");
    CHECK(error_including("common.yaml") == ":1:10: 'include' takes a list of texts, not 'common.yaml'");
    CHECK(error_including("[{a: b}]") == ":1:11: 'include' takes a list of texts: a map cannot be one of its items");
    CHECK(error_of([] { static_cast<void>(parse_scenario("include: [a.yaml]", "standard input")); }) ==
          "standard input:1:1: standard input can include nothing: there is no folder to look in");
}

TEST_CASE("files that multiply by including each other twice are stopped") {
    const ScratchFolder folder;
    for (int i = 0; i < 30; ++i)
        folder.write(fmt::format("{}.yaml", i), fmt::format("include: [{0}.yaml, {0}.yaml]\n", i + 1));
    folder.write("30.yaml", "seed: 1\n");
    const std::string message = error_of([&] { static_cast<void>(read_scenario(folder / "0.yaml")); });
    CHECK(message.ends_with("more than 1000 files included"));
}
