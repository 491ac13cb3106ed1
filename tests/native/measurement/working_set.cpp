#include "native/measurement/working_set.hpp"

#include <catch2/catch_test_macros.hpp>
#include <set>
#include <vector>

using namespace switchyard::native;

TEST_CASE("a walk comes by every line once before it comes by any again, however many there are") {
    for (const unsigned bytes : {1u, 64u, 65u, 128u, 192u, 320u, 4096u, 12352u, 100000u, 1u << 20}) {
        INFO(bytes);
        const std::vector<std::byte> memory(bytes + cache_line_bytes);
        WorkingSetWalk walk(memory.data(), bytes);
        CHECK(walk.lines() == (bytes + cache_line_bytes - 1) / cache_line_bytes);
        const std::uint64_t first = walk.next_line();
        std::set<std::uint64_t> seen;
        for (std::uint64_t line = 0; line < walk.lines(); ++line) {
            REQUIRE(walk.next_line() < walk.lines());
            seen.insert(walk.next_line());
            walk.over(1);
        }
        CHECK(seen.size() == walk.lines());
        CHECK(walk.next_line() == first);
    }
}

TEST_CASE("a walk in pieces goes where it goes in one, and what the memory holds does not matter") {
    const std::vector<std::byte> memory(50 * cache_line_bytes, std::byte{0xff});
    WorkingSetWalk whole(memory.data(), memory.size());
    WorkingSetWalk pieces = whole;
    whole.over(41);
    pieces.over(17);
    pieces.over(0);
    WorkingSetWalk rest(memory.data(), memory.size());
    rest.go_on_from(pieces.state());
    rest.over(24);
    CHECK(rest.next_line() == whole.next_line());
}

TEST_CASE("a walk over less goes on from wherever one over more has come to") {
    const std::vector<std::byte> memory(1000 * cache_line_bytes);
    WorkingSetWalk large(memory.data(), memory.size());
    for (int i = 0; i < 1000; ++i) {
        large.over(1);
        WorkingSetWalk small(memory.data(), 3 * cache_line_bytes);
        small.go_on_from(large.state());
        REQUIRE(small.next_line() < 3);
    }
}
