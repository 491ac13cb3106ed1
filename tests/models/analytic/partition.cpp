#include "models/analytic/partition.hpp"

#include "models/errors.hpp"

#include <array>
#include <catch2/catch_test_macros.hpp>

using namespace std::chrono_literals;
using namespace switchyard;

namespace {
// The cores of tasks that need so many tenths of a core, in this order; -1: none has room.
std::vector<int> packed(PackingRule rule, const std::vector<int>& tenths, std::size_t cores = 3) {
    CorePacking packing(std::vector<std::uint32_t>(cores, 1000), rule);
    std::vector<int> found;
    for (const int share : tenths) {
        const auto core = packing.place(1ms * share, 10ms);
        found.push_back(core ? static_cast<int>(*core) : -1);
    }
    return found;
}
} // namespace

TEST_CASE("First fit takes the lowest core with room, best fit the fullest, worst fit the emptiest",
          "[schedulability]") {
    CHECK(packed(PackingRule::first_fit, {5, 7, 5, 2, 1}) == std::vector{0, 1, 0, 1, 1});
    CHECK(packed(PackingRule::best_fit, {5, 7, 2, 3, 4}) == std::vector{0, 1, 1, 0, 2});
    CHECK(packed(PackingRule::worst_fit, {5, 7, 2, 3, 4}) == std::vector{0, 1, 2, 2, 0});
    CHECK(packed(PackingRule::best_fit, {6, 6, 6, 6}) == std::vector{0, 1, 2, -1});
}

TEST_CASE("A core is full to the last fraction of its speed and not beyond", "[schedulability]") {
    CorePacking packing(std::array<std::uint32_t, 2>{1000, 500}, PackingRule::first_fit);
    CHECK(packing.place(1ms, 3ms) == 0U);
    CHECK(packing.place(1ms, 3ms) == 0U);
    CHECK(packing.place(1ms + Duration{1}, 3ms) == 1U); // a third and a bit: not on the first
    CHECK(packing.place(1ms, 3ms) == 0U);
    CHECK(packing.room(0) == 0);
    CHECK(packing.place(1ms, 6ms) == std::nullopt); // 1/3 and a bit and 1/6 are over a half
    packing.remove(1, 1ms + Duration{1}, 3ms);
    CHECK(packing.place(1ms, 2ms) == 1U);
}

TEST_CASE("A task goes only where it may run", "[schedulability]") {
    CorePacking packing(std::array<std::uint32_t, 3>{1000, 1000, 1000}, PackingRule::worst_fit);
    const std::array<std::uint16_t, 2> allowed{1, 2};
    CHECK(packing.place(9ms, 10ms, allowed) == 1U);
    CHECK(packing.place(9ms, 10ms, allowed) == 2U);
    CHECK(packing.place(9ms, 10ms, allowed) == std::nullopt);
    CHECK(packing.place(9ms, 10ms) == 0U);
}

TEST_CASE("Nonsense cannot be bound to a core", "[schedulability]") {
    CorePacking packing(std::array<std::uint32_t, 1>{1000}, PackingRule::first_fit);
    CHECK_THROWS_AS(packing.place(1ms, 0ms), InputError);
    CHECK_THROWS_AS(packing.place(-1ms, 1ms), InputError);
}
