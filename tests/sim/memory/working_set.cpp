#include "sim/memory/address_space/working_set.hpp"

#include <catch2/catch_test_macros.hpp>
#include <deque>
#include <random>
#include <set>

using namespace switchyard::sim::memory;

TEST_CASE("a working set is the pages referenced within a window, however often") {
    WorkingSetMeter meter(100);
    for (int round = 0; round < 10; ++round) meter.reference(7, 20); // two windows of five rounds
    CHECK(meter.mean() == 20);
    CHECK(meter.most() == 20);
    meter.reference(1'000'000, 100); // a third, of pages nobody comes back to
    CHECK(meter.most() == 100);
    CHECK(meter.mean() == (20 + 20 + 100) / 3);
}

TEST_CASE("while no window is complete, a working set is what has been referenced") {
    WorkingSetMeter meter(1000);
    meter.reference(0, 30);
    meter.reference(20, 30);
    CHECK(meter.mean() == 50);
    CHECK(meter.most() == 50);
}

TEST_CASE("working sets are those of Denning's definition at the end of each window") {
    constexpr std::uint32_t window = 50;
    std::mt19937 random(3);
    WorkingSetMeter meter(window);
    std::deque<PageNumber> last;
    std::uint64_t sum = 0, windows = 0, most = 0;
    for (int i = 1; i <= 5000; ++i) {
        const PageNumber page = random() % 7 == 0 ? random() % 4000 : random() % 20;
        meter.reference(page, 1);
        last.push_back(page);
        if (last.size() > window) last.pop_front();
        if (i % static_cast<int>(window) != 0) continue;
        const std::uint64_t size = std::set<PageNumber>(last.begin(), last.end()).size();
        sum += size;
        most = std::max(most, size);
        ++windows;
    }
    CHECK(meter.mean() == sum / windows);
    CHECK(meter.most() == most);
}
