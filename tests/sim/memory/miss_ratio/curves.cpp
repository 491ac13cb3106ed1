#include "sim/memory/miss_ratio/optimal_stack.hpp"
#include "sim/memory/miss_ratio/sampling.hpp"
#include "sim/memory/miss_ratio/stack_distance.hpp"
#include "tests/sim/memory/replacement/strings.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>

using namespace switchyard::sim::miss_ratio;
using namespace switchyard::sim::replacement;

TEST_CASE("One pass gives LRU's and OPT's misses at every memory size") {
    for (std::uint32_t seed = 0; seed < 25; ++seed) {
        const String string = random_string(seed, 1500, 20 + 10 * (seed % 10));
        RecencyCurve recency;
        recency.play(string);
        const auto lru = recency.depths().misses();
        const auto opt = optimal_depths(next_uses_of(string)).misses();
        REQUIRE(lru.at(0) == string.size());
        REQUIRE(lru.back() == recency.distinct_pages());
        REQUIRE(opt.back() == recency.distinct_pages());
        REQUIRE(opt.size() <= lru.size());
        for (std::uint32_t frames = 1; frames < lru.size(); ++frames)
            REQUIRE(lru[frames] == misses_of("lru", frames, string));
        for (std::uint32_t frames = 1; frames < opt.size(); ++frames)
            REQUIRE(opt[frames] == misses_of("opt", frames, string));
    }
}

TEST_CASE("The same with more pages than a line, a block or a processor's cache has room for") {
    std::mt19937 random(1);
    String string(60'000);
    for (std::uint64_t& page : string) page = random() % (1 + random() % 20'000);
    RecencyCurve recency;
    recency.play(string);
    CHECK(recency.distinct_pages() > 10'000);
    const auto lru = recency.depths().misses();
    const auto opt = optimal_depths(next_uses_of(string)).misses();
    for (const std::uint32_t frames : {1U, 16U, 17U, 100U, 1000U, 8000U}) {
        CHECK(lru.at(frames) == misses_of("lru", frames, string));
        CHECK(opt.at(frames) == misses_of("opt", frames, string));
    }
}

TEST_CASE("Pages can be taken out of the stack") {
    RecencyStack stack;
    std::vector<std::uint64_t> model; // the top at the end
    std::mt19937 random(2);
    for (int step = 0; step < 50'000; ++step) {
        const std::uint64_t page = random() % 300;
        const auto found = std::ranges::find(model, page);
        const bool known = found != model.end();
        const auto depth = known ? static_cast<Depth>(model.end() - found) : 0;
        if (known) model.erase(found);
        if (known && random() % 4 == 0) {
            stack.remove(page);
        } else {
            REQUIRE(stack.reference(page) == depth);
            model.push_back(page);
        }
        REQUIRE(stack.size() == model.size());
    }
}

TEST_CASE("SHARDS: the whole as a sample is exact, a part of it near") {
    std::mt19937 random(4);
    String string(200'000);
    for (std::uint64_t& page : string)
        page = static_cast<std::uint64_t>(20'000.0 * std::pow(static_cast<double>(random()) * 0x1p-32, 3.0));
    RecencyCurve exact;
    exact.play(string);
    const auto misses = exact.depths().misses();
    const auto ratio_at = [&](double frames) {
        const auto at = std::min(misses.size() - 1, static_cast<std::size_t>(frames));
        return static_cast<double>(misses[at]) / static_cast<double>(string.size());
    };
    const auto mean_error = [&](SampledCurve sampled) {
        sampled.play(string);
        const auto curve = sampled.curve();
        double sum = 0;
        for (const auto& point : curve) sum += std::abs(point.miss_ratio - ratio_at(point.frames));
        return sum / static_cast<double>(curve.size());
    };
    CHECK(mean_error(SampledCurve(1.0)) < 1e-9);
    CHECK(mean_error(SampledCurve(0.1)) < 0.03);
    CHECK(mean_error(SampledCurve::of_pages(1000)) < 0.05);
    SampledCurve bounded = SampledCurve::of_pages(1000);
    bounded.play(string);
    CHECK(bounded.rate() < 0.5);
    CHECK(bounded.sampled() < string.size());
}
