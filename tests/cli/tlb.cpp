// switchyard tlb: traces in, misses out.
#include "formats/json/document.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstdio>
#include <string>
#include <sys/wait.h>

using Catch::Matchers::ContainsSubstring;
using switchyard::formats::Json;

namespace {

struct Result {
    int status = 0;
    std::string text; // of both streams
};

// `before`: what comes before the command in the shell, e.g. "echo 5 |".
Result tlb(const std::string& arguments, const std::string& before = "") {
    const std::string command = before + " '" SWITCHYARD_EXECUTABLE "' tlb " + arguments + " 2>&1";
    Result result;
    std::FILE* const pipe = popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::array<char, 4096> buffer{};
    while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe))
        result.text.append(buffer.data(), count);
    const int status = pclose(pipe);
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return result;
}

Json counts(const std::string& arguments, const std::string& before = "") {
    const Result result = tlb(arguments + " --json", before);
    CAPTURE(result.text);
    REQUIRE(result.status == 0);
    return Json::parse(result.text);
}

void refused(const std::string& arguments, const std::string& complaint, const std::string& before = "echo 5 |") {
    const Result result = tlb(arguments, before);
    CHECK(result.status == 2);
    CHECK(std::ranges::count(result.text, '\n') == 1);
    CHECK_THAT(result.text, ContainsSubstring(complaint));
}

} // namespace

TEST_CASE("tlb counts misses by kind and level, of a compressed trace, and says the same of its text from a pipe") {
    const std::string trace = SWITCHYARD_SOURCE_DIR "/tests/oracles/data/memory/traces/tlb_unaligned.txt.zst";
    const Json from_file = counts("'" + trace + "' --l1 4x8 --l2 16x8");
    // As cachegrind counts them, see the oracles.
    CHECK(from_file["instruction"]["references"] == 229'904);
    CHECK(from_file["instruction"]["l1_misses"] == 1);
    CHECK(from_file["data_read"]["l1_misses"] == 7224);
    CHECK(from_file["data_read"]["l2_misses"] == 4996);
    CHECK(from_file["data_write"]["l2_misses"] == 2842);
    const Json from_pipe = counts("- --l1 4x8 --l2 16x8", "zstd -dc '" + trace + "' |");
    CHECK(from_file["all"] == from_pipe["all"]);
}

TEST_CASE("tlb reads what lackey prints, and counts a modification as one read") {
    const std::string lackey =
        "printf '==7== Lackey\\nI  0401000,3\\n L 1ffe000ff8,16\\n S 1ffe000ff8,8\\n M 7000,4\\n' |";
    const Json all = counts("-", lackey);
    CHECK(all["instruction"] ==
          Json{{"references", 1}, {"l1_misses", 1}, {"l2_misses", 1}, {"walks", 1}, {"levels_read", 4}});
    // The load crosses into another page: one miss, two walks, the second of which finds the table it needs.
    CHECK(all["data_read"]["references"] == 2);
    CHECK(all["data_read"]["l1_misses"] == 2);
    CHECK(all["data_read"]["walks"] == 3);
    CHECK(all["data_write"]["l1_misses"] == 0);
}

TEST_CASE("tlb prints a table, and page sizes and levels make a difference") {
    const std::string pages = "seq 1 100 |";
    const Result table = tlb("- --l1 1x4 --l2 none", pages);
    CHECK(table.status == 0);
    CHECK_THAT(table.text, ContainsSubstring("data read      100        100  100.000 %"));
    CHECK(counts("- --walk-caches none", pages)["all"]["levels_read"] == 400);
    CHECK(counts("- --walk-caches none --levels 5", pages)["all"]["levels_read"] == 500);
    CHECK(counts("- --walk-caches none --levels 2", pages)["all"]["levels_read"] == 200);
    CHECK(counts("--walk-caches 8x4,none -", pages)["all"]["levels_read"] == 103);
    CHECK(counts("-", "echo 'L ffff800000000000 8' |")["all"]["levels_read"] == 4); // a kernel's
    const std::string addresses = "seq -f 'L %g000 8' 100 199 |";
    CHECK(counts("-", addresses)["all"]["walks"] == 100);
    CHECK(counts("- --page-size 2MiB", addresses)["all"]["walks"] == 1);
}

TEST_CASE("tlb refuses what makes no sense in one line") {
    refused("- --l1 16", "--l1 16: sets x ways were expected");
    refused("- --l1 12x4", "--l1: a cache of translations of 12x4");
    refused("- --l2 16x0", "no ways");
    refused("- --page-size 8KiB", "pages of 4 levels are of 4 KiB, 2 MiB, 1 GiB");
    refused("- --page-size 1GiB --levels 2", "pages of 2 levels are of 4 KiB, 4 MiB");
    refused("- --levels 3", "not 3");
    refused("- --levels 2", "0x100000000 is no address of 32 bits", "echo 'L 100000000 8' |");
    refused("-", "page 68719476736 is beyond the address space", "echo 68719476736 |");
    refused("/nowhere/trace", "/nowhere/trace");
    refused("-", "standard input: there is no reference in it", "true |");
    refused("-", "standard input:2: ", "printf '5\\nhello\\n' |");
}
