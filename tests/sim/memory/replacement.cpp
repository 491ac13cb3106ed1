#include "sim/memory/replacement.hpp"

#include <catch2/catch_test_macros.hpp>
#include <random>

using namespace switchyard::sim;

namespace {

template <class Policy>
int faults(Policy policy, const std::vector<Page>& references) {
    int count = 0;
    for (const Page page : references) count += !policy.reference(page).hit;
    return count;
}

RecencyReplacement lru(Page pages, std::uint32_t frames) {
    return {pages, frames, RecencyReplacement::Victim::least_recently_used};
}

std::vector<Page> random_references(std::uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<Page> references(500);
    for (Page& page : references) page = static_cast<Page>(random() % 16 * (random() % 3) / 2 % 16);
    return references;
}

} // namespace

TEST_CASE("Belady's anomaly: FIFO faults more often with more frames; LRU and OPT do not") {
    const std::vector<Page> references{1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5};
    CHECK(faults(FifoReplacement(6, 3), references) == 9);
    CHECK(faults(FifoReplacement(6, 4), references) == 10);
    CHECK(faults(lru(6, 3), references) == 10);
    CHECK(faults(lru(6, 4), references) == 8);
    CHECK(faults(OptimalReplacement(6, 3, references), references) == 7);
    CHECK(faults(OptimalReplacement(6, 4, references), references) == 6);
}

TEST_CASE("LRU is a stack algorithm: what is in a memory is in a larger one, too") {
    for (const std::uint32_t seed : {1U, 2U, 3U}) {
        RecencyReplacement small = lru(16, 4);
        RecencyReplacement large = lru(16, 5);
        for (const Page page : random_references(seed)) {
            small.reference(page);
            large.reference(page);
            for (Page one = 0; one < 16; ++one)
                if (small.resident().contains(one)) REQUIRE(large.resident().contains(one));
        }
    }
}

TEST_CASE("No policy faults less often than OPT") {
    for (std::uint32_t seed = 0; seed < 50; ++seed) {
        const std::vector<Page> references = random_references(seed);
        for (const std::uint32_t frames : {1U, 2U, 5U, 9U}) {
            const int least = faults(OptimalReplacement(16, frames, references), references);
            CHECK(least <= faults(FifoReplacement(16, frames), references));
            CHECK(least <= faults(lru(16, frames), references));
            CHECK(least <=
                  faults(RecencyReplacement(16, frames, RecencyReplacement::Victim::most_recently_used), references));
        }
    }
}

TEST_CASE("A scan longer than the memory: LRU never hits, MRU keeps the beginning") {
    std::vector<Page> references;
    for (int round = 0; round < 10; ++round)
        for (Page page = 0; page < 5; ++page) references.push_back(page);
    CHECK(faults(lru(5, 4), references) == 50);
    CHECK(faults(RecencyReplacement(5, 4, RecencyReplacement::Victim::most_recently_used), references) < 20);
}
