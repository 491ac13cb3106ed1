#include "models/scenario/reference_string.hpp"

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <map>
#include <set>
#include <vector>

using namespace switchyard;
using namespace switchyard::size_literals;

static std::vector<std::uint64_t> all_of(ReferenceString string) {
    std::vector<std::uint64_t> pages;
    while (string.more()) pages.push_back(string.next());
    return pages;
}

static std::vector<std::uint64_t> drawn(const Touch& touch, Bytes length, const DrawKey& key) {
    const ZipfTable table(static_cast<std::uint32_t>(pages_of(length)), touch.skew);
    return all_of(ReferenceString(touch, length, key, {}, &table));
}

TEST_CASE("a sequential reference string goes through the range once, or as often as it is told") {
    Touch touch;
    CHECK(all_of(ReferenceString(touch, 12_KiB, {})) == std::vector<std::uint64_t>{0, 1, 2});
    touch.count = 5;
    CHECK(all_of(ReferenceString(touch, 12_KiB, {})) == std::vector<std::uint64_t>{0, 1, 2, 0, 1});
    CHECK(all_of(ReferenceString({}, Bytes{1}, {})) == std::vector<std::uint64_t>{0});
}

TEST_CASE("a strided reference string takes every so many-th byte, and wraps round") {
    Touch touch;
    touch.pattern = AccessPattern::strided;
    touch.stride = 8_KiB;
    CHECK(all_of(ReferenceString(touch, 20_KiB, {})) == std::vector<std::uint64_t>{0, 2, 4});
    touch.count = 5;
    CHECK(all_of(ReferenceString(touch, 20_KiB, {})) == std::vector<std::uint64_t>{0, 2, 4, 1, 3});
    touch.stride = Bytes{1024};
    touch.count = 0;
    CHECK(all_of(ReferenceString(touch, 8_KiB, {})) == std::vector<std::uint64_t>{0, 0, 0, 0, 1, 1, 1, 1});
}

TEST_CASE("a trace is followed from its beginning, again when it is over") {
    Touch touch;
    touch.pattern = AccessPattern::trace;
    const std::vector<std::uint32_t> pages{4, 1, 4};
    CHECK(all_of(ReferenceString(touch, 64_KiB, {}, pages)) == std::vector<std::uint64_t>{4, 1, 4});
    touch.count = 4;
    CHECK(all_of(ReferenceString(touch, 64_KiB, {}, pages)) == std::vector<std::uint64_t>{4, 1, 4, 4});
}

TEST_CASE("what is drawn belongs to the seed, the task, the instance, the operation and its execution") {
    Touch touch;
    touch.pattern = AccessPattern::uniform;
    touch.count = 50;
    const DrawKey key{.seed = 1, .task = 2, .instance = 3, .operation = 4, .draw = 5};
    std::set<std::vector<std::uint64_t>> different{drawn(touch, 4_MiB, key)};
    CHECK(different.contains(drawn(touch, 4_MiB, key)));
    for (std::uint64_t DrawKey::*member : {&DrawKey::seed, &DrawKey::draw}) {
        DrawKey other = key;
        ++(other.*member);
        different.insert(drawn(touch, 4_MiB, other));
    }
    for (std::uint32_t DrawKey::*member : {&DrawKey::task, &DrawKey::instance, &DrawKey::operation}) {
        DrawKey other = key;
        ++(other.*member);
        different.insert(drawn(touch, 4_MiB, other));
    }
    CHECK(different.size() == 6);
}

TEST_CASE("the executions of one operation go on in one stream") {
    Touch once, twice;
    once.pattern = twice.pattern = AccessPattern::uniform;
    once.count = 100;
    const std::vector<std::uint64_t> first = drawn(once, 4_MiB, {.seed = 1});
    const std::vector<std::uint64_t> second = drawn(once, 4_MiB, {.seed = 1, .draw = 1});
    CHECK(first != second);
    CHECK_NOTHROW(drawn(once, 4_MiB, {.seed = 1, .draw = std::uint64_t{1} << 60})); // no end of the stream
}

TEST_CASE("uniform references reach every page about equally often") {
    Touch touch;
    touch.pattern = AccessPattern::uniform;
    touch.count = 16'000;
    std::map<std::uint64_t, int> hits;
    for (const std::uint64_t page : drawn(touch, 64_KiB, {.seed = 7})) ++hits[page];
    REQUIRE(hits.size() == 16);
    for (const auto& [page, times] : hits) CHECK(std::abs(times - 1000) < 200); // 6 standard deviations
}

TEST_CASE("Zipf weights are those of 1 / (k + 1)^skew") {
    for (const std::uint32_t skew : {0U, 500U, 800U, 1000U, 1250U, 2000U}) {
        const ZipfTable table(5'000, skew);
        double sum = 0;
        for (int k = 0; k < 5'000; ++k) sum += std::pow(k + 1, -1e-3 * skew);
        for (const std::uint32_t k : {0U, 1U, 2U, 6U, 63U, 999U, 4'999U}) {
            const double expected = std::pow(k + 1, -1e-3 * skew) / sum;
            const double weight = static_cast<double>(table.weight(k)) / static_cast<double>(table.total());
            CHECK(std::abs(weight / expected - 1) < 1e-7); // fixed point
        }
    }
}

TEST_CASE("a Zipf table finds whose number it is") {
    const ZipfTable table(3, 0); // a third each
    CHECK(table.weight(0) == table.weight(2));
    CHECK(table.value_of(0) == 0);
    CHECK(table.value_of(table.weight(0) - 1) == 0);
    CHECK(table.value_of(table.weight(0)) == 1);
    CHECK(table.value_of(table.total() - 1) == 2);
}

// Computed here once and for all: another compiler, or another level of optimisation, must find the same.
TEST_CASE("Zipf draws are the same everywhere") {
    Touch touch;
    touch.pattern = AccessPattern::zipf;
    touch.count = 12;
    touch.skew = 900;
    CHECK(drawn(touch, 4_MiB, {.seed = 1, .task = 2, .instance = 3, .operation = 4}) ==
          std::vector<std::uint64_t>{0, 4, 376, 926, 1, 0, 4, 50, 746, 21, 600, 216});
    CHECK(ZipfTable(1'000'000, 1100).total() == 37'228'121'541'776);
}

TEST_CASE("the references of a phase stay in a working set of neighbours") {
    Touch touch;
    touch.pattern = AccessPattern::phases;
    touch.working_set = 32_KiB;
    touch.references_per_phase = 100;
    touch.count = 1'000;
    const std::vector<std::uint64_t> pages = drawn(touch, 4_MiB, {.seed = 3});
    std::set<std::uint64_t> begins;
    for (std::size_t phase = 0; phase < 10; ++phase) {
        const auto begin = pages.begin() + static_cast<std::ptrdiff_t>(phase * 100);
        const std::set<std::uint64_t> used(begin, begin + 100);
        CHECK(used.size() == 8); // in 100 draws each of 8 pages occurs
        CHECK(*used.rbegin() - *used.begin() == 7);
        begins.insert(*used.begin());
    }
    CHECK(begins.size() > 5);
}

TEST_CASE("runs of neighbouring pages are the same references, several at once") {
    Touch touch;
    touch.count = 25;
    ReferenceString one(touch, base_page * 10, {});
    ReferenceString other(touch, base_page * 10, {});
    std::vector<std::uint64_t> pages;
    while (other.more()) {
        const ReferenceString::Run run = other.next_run(4);
        CHECK(run.pages <= 4);
        for (std::uint64_t i = 0; i < run.pages; ++i) pages.push_back(run.first + i);
    }
    REQUIRE(pages.size() == 25);
    for (const std::uint64_t page : pages) CHECK(page == one.next());
}
