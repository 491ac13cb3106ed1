#include "lab/calibrate/held_out.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace switchyard::lab;
using List = std::vector<std::int64_t>;

TEST_CASE("between every second pair of amounts, from the first on, one is held out", "[held out]") {
    CHECK(amounts_between(List{0, 256, 1024, 4096, 16384, 65536, 131072}, Quantity::pages) == List{128, 2048, 32768});
    CHECK(amounts_between(List{1, 512, 4096, 16384, 65536}, Quantity::bytes) == List{23, 8192});
    CHECK(amounts_between(List{4096, 32768, 131072, 524288, 1048576}, Quantity::bytes) == List{12288, 262144});
    CHECK(amounts_between(List{2, 3, 10, 30, 100, 300}, Quantity::runnable_tasks) == List{17, 173});
    CHECK(amounts_between(List{1, 32}, Quantity::pages) == List{6});
    CHECK(amounts_between(List{1, 2}, Quantity::pages).empty()); // nothing lies between
    CHECK(amounts_between(List{7}, Quantity::pages).empty());
    CHECK(amounts_between(List{}, Quantity::pages).empty());
}

TEST_CASE("only probes of laws over their quantity have amounts held out", "[held out]") {
    CHECK_FALSE(held_out_amounts(*native::probe_named("fork_call")).empty());
    CHECK(held_out_amounts(*native::probe_named("system_call")).empty());
    CHECK(held_out_amounts(*native::probe_named("visit_few_pages")).empty()); // its law is a constant
    for (const native::Probe& probe : native::probes())
        for (const std::int64_t amount : held_out_amounts(probe)) {
            INFO(probe.name << " at " << amount);
            CHECK(std::ranges::find(probe.amounts, amount) == probe.amounts.end());
            CHECK(amount > probe.amounts.front());
            CHECK(amount < probe.amounts.back());
        }
}
