#include "formats/reference_trace.hpp"
#include "tests/formats/input_error.hpp"
#include "tests/formats/scratch_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>
#include <zstd.h>

using namespace switchyard;
using namespace switchyard::formats;

namespace {

std::vector<MemoryReference> references_of(const std::string& path, std::size_t at_once = 3) {
    ReferenceTrace trace(path);
    std::vector<MemoryReference> all;
    std::vector<MemoryReference> some(at_once);
    while (const std::size_t count = trace.read(some))
        all.insert(all.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(count));
    return all;
}

std::vector<std::uint64_t> pages_of(const std::string& path) {
    std::vector<std::uint64_t> pages;
    for (const MemoryReference& one : references_of(path)) pages.push_back(one.page(12));
    return pages;
}

std::string compressed(const std::string& text) {
    std::string packed(ZSTD_compressBound(text.size()), '\0');
    packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
    return packed;
}

} // namespace

TEST_CASE("A trace of page numbers: one a line, of any number of digits") {
    const ScratchFolder folder;
    const std::string path = folder.write("trace", "1\n22\n333\n\n# a comment\n7777777\n88888888\r\n"
                                                   "18446744073709551615  \n0009\n5");
    CHECK(pages_of(path) == std::vector<std::uint64_t>{1, 22, 333, 7777777, 88888888, 18446744073709551615U, 9, 5});
    CHECK(pages_of(folder.write("empty", "")).empty());
    CHECK_FALSE(ReferenceTrace(path).has_addresses());
}

TEST_CASE("A trace of addresses: what lackey prints, and with blanks for commas") {
    using enum ReferenceKind;
    const ScratchFolder folder;
    const auto expected = std::vector<MemoryReference>{
        {0x4010d3, 3, instruction}, {0x1ffeffe7e8, 8, store}, {0x4A2F3C0, 16, load}, {0xffffffffffffffff, 1, modify}};
    CHECK(references_of(folder.write("lackey", "==42== Lackey, an example Valgrind tool\n==42== \nI  04010d3,3\n"
                                               " S 1ffeffe7e8,8\n L 4A2F3C0,16\n--42-- warning\n"
                                               " M ffffffffffffffff,1\n**42** said\n==42== end")) == expected);
    CHECK(references_of(folder.write("blanks", "I 4010d3 3\nS 1ffeffe7e8 8\nL 4A2F3C0 16\nM ffffffffffffffff 1\n")) ==
          expected);
    const MemoryReference crossing{0x1ffe, 4, load};
    CHECK(crossing.page(12) == 1);
    CHECK(crossing.last_page(12) == 2);
    CHECK(crossing.last_page(21) == 0);
}

TEST_CASE("A compressed trace is unpacked on the way") {
    const ScratchFolder folder;
    std::string text;
    std::vector<std::uint64_t> expected;
    for (std::uint64_t i = 0; i < 200'000; ++i) { // longer than any buffer
        expected.push_back(i * i % 1'000'003);
        text += std::to_string(expected.back()) + "\n";
    }
    CHECK(pages_of(folder.write("trace", text)) == expected);
    CHECK(pages_of(folder.write("trace.zst", compressed(text))) == expected);
    const std::string two = compressed("1\n2") + compressed("3\n4");
    CHECK(pages_of(folder.write("two.zst", two)) == std::vector<std::uint64_t>{1, 23, 4});
    const std::string damaged = folder.write("damaged.zst", compressed(text).substr(0, 100'000));
    CHECK(error_of([&] { pages_of(damaged); }) == damaged + ": is damaged: the compressed stream ends in the middle");
}

TEST_CASE("What is no reference is refused where it stands") {
    const ScratchFolder folder;
    const std::string expected =
        "is no reference: a page number (\"8191\"), or I, L, S or M with an address and a size "
        "(\" L 1ffeffe7e0,8\"), was expected";
    const auto refused = [&](const std::string& text) {
        const std::string path = folder.write("trace", text);
        return error_of([&] { references_of(path); }).substr(path.size());
    };
    CHECK(refused("1\n\n2\nthree\n4\n") == ":4: 'three' " + expected);
    CHECK(refused("1\n2 3\n") == ":2: '2 3' " + expected);
    CHECK(refused("-1\n") == ":1: '-1' " + expected);
    CHECK(refused(" L \n") == ":1: ' L ' " + expected);
    CHECK(refused(" L 1000\n") == ":1: ' L 1000' " + expected);
    CHECK(refused(" L 1000,\n") == ":1: ' L 1000,' " + expected);
    CHECK(refused(" L 1000,x\n") == ":1: ' L 1000,x' " + expected);
    CHECK(refused(" L1000,8\n") == ":1: ' L1000,8' " + expected);
    CHECK(refused(" L 1000,8 9\n") == ":1: ' L 1000,8 9' " + expected);
    CHECK(refused("\x1b[2J\n") == ":1: '[2J' " + expected);
    CHECK(refused(std::string(100, 'x')) == ":1: '" + std::string(60, 'x') + "...' " + expected);
    CHECK(refused("18446744073709551616\n") == ":1: a page number of more than 64 bits");
    CHECK(refused(" L 10000000000000000,8\n") == ":1: an address of more than 64 bits");
    CHECK(refused(" L ffffffffffffffff,2\n") == ":1: a reference beyond the end of the address space");
    CHECK(refused(" L 1000,0\n") == ":1: a reference of no bytes");
    CHECK(refused(" L 1000,99999999999\n") == ":1: a reference of more than 1 MiB");
    CHECK(refused("1\n L 1000,8\n") == ":2: an address in a trace of page numbers");
    CHECK(refused(" L 1000,8\n1\n") == ":2: a page number in a trace of addresses");
    CHECK(refused("1\n" + std::string(1'000'000, '2')) == ":2: a line longer than any reference");
    CHECK(error_of([&] { ReferenceTrace trace(folder / "missing"); }) ==
          folder / "missing" + ": cannot be read: No such file or directory");
}
