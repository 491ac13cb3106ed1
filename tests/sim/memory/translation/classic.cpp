#include "sim/memory/translation/classic.hpp"

#include "models/errors.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard::sim::classic;

TEST_CASE("Base and bounds: the limit is the first address that faults") {
    const BaseAndBounds relocation{0x1000, 0x100};
    CHECK(translate(relocation, 0xff).physical == 0x10ff);
    CHECK(translate(relocation, 0x100).fault == Fault::beyond_limit);
    CHECK(text(translate(relocation, 0x12)) == "0x12 -> 0x1012");
    CHECK(text(translate(relocation, 0x100)) == "fault at 0x100: beyond the limit");
}

TEST_CASE("A segment that grows down ends at its base") {
    const Segmentation segmentation{
        .share = 1024, .segments = {{.base = 4096, .limit = 100}, {.base = 8192, .limit = 50, .grows_down = true}}};
    CHECK(translate(segmentation, 99).physical == 4195);
    CHECK(translate(segmentation, 100).fault == Fault::beyond_segment);
    CHECK(translate(segmentation, 2047).physical == 8191);
    CHECK(translate(segmentation, 1998).physical == 8142);
    CHECK(translate(segmentation, 1997).fault == Fault::beyond_segment);
    CHECK(translate(segmentation, 2048).fault == Fault::beyond_limit);
    CHECK(text(translate(segmentation, 1997)) == "fault at 0x7cd: beyond the limit of segment 1");
}

TEST_CASE("A segment permits what it says") {
    const Segmentation segmentation{
        .share = 1024, .segments = {{.base = 0, .limit = 100, .permitted = {.read = true, .write = false}}}};
    CHECK(translate(segmentation, 5, {.read = true, .write = false, .execute = true}).fault == Fault::none);
    const Translated refused = translate(segmentation, 5, {.read = false, .write = true, .execute = false});
    CHECK(refused.fault == Fault::not_permitted);
    CHECK(text(refused) == "fault at 0x5: segment 0 does not permit it");
}

TEST_CASE("A linear page table has an entry a page") {
    const LinearPageTable table{.offset_bits = 4, .format = {0x80, 0x7f}, .entries = {0x83, 0x05}};
    CHECK(translate(table, 0x0a).physical == 0x3a);
    CHECK(translate(table, 0x1a).fault == Fault::not_present);
    CHECK(translate(table, 0x20).fault == Fault::beyond_limit);
}

TEST_CASE("A table of three levels is read level by level") {
    // 16-byte pages, 2 bits of index a level, entries of two bytes.
    std::vector<std::uint8_t> memory(128);
    const auto put = [&](std::size_t frame, std::size_t index, std::uint8_t next) {
        memory[frame * 16 + index * 2] = next;
        memory[frame * 16 + index * 2 + 1] = 0x80;
    };
    put(1, 3, 2);
    put(2, 0, 4);
    put(4, 2, 7);
    put(2, 1, 99);
    const MultiLevelTable table{
        .index_bits = {2, 2, 2}, .offset_bits = 4, .entry_bytes = 2, .format = {0x8000, 0xff}, .root_frame = 1};
    std::vector<WalkStep> path;
    CHECK(translate(table, memory, 0b11'00'10'0101, &path).physical == 0x75);
    CHECK(path == std::vector<WalkStep>{{3, 0x8002}, {0, 0x8004}, {2, 0x8007}});
    path.clear();
    const Translated absent = translate(table, memory, 0b11'11'10'0101, &path);
    CHECK(path.size() == 2);
    CHECK(text(absent) == "fault at 0x3e5: the entry of level 1 is not valid");
    CHECK(translate(table, memory, 1 << 10).fault == Fault::beyond_limit);
    CHECK_THROWS_AS(translate(table, memory, 0b11'01'00'0000), switchyard::InputError);
}
