// What holds of replacement policies whatever they do.
#include "models/errors.hpp"
#include "sim/memory/replacement/clock.hpp"
#include "sim/memory/replacement/make_policy.hpp"
#include "sim/memory/replacement/sieve.hpp"
#include "tests/sim/memory/replacement/strings.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <set>

using namespace switchyard;
using namespace switchyard::sim::replacement;

TEST_CASE("Belady's anomaly: FIFO misses more often with more frames") {
    const String string{1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5};
    CHECK(misses_of("fifo", 3, string) == 9);
    CHECK(misses_of("fifo", 4, string) == 10);
    CHECK(misses_of("lru", 3, string) == 10);
    CHECK(misses_of("lru", 4, string) == 8);
    CHECK(misses_of("opt", 3, string) == 7);
    CHECK(misses_of("opt", 4, string) == 6);
}

TEST_CASE("A stack algorithm never misses more often with more frames") {
    for (const PolicyDescription& policy : policies()) {
        if (!policy.is_stack_algorithm) continue;
        for (std::uint32_t seed = 0; seed < 40; ++seed) {
            const String string = random_string(seed);
            for (std::uint32_t frames = 1; frames < 26; ++frames) {
                const auto small = hits_of(std::string(policy.name), frames, string);
                const auto large = hits_of(std::string(policy.name), frames + 1, string);
                REQUIRE(std::ranges::equal(small, large, std::ranges::less_equal())); // hit by hit
            }
        }
    }
}

TEST_CASE("OPT is never beaten") {
    for (std::uint32_t seed = 0; seed < 40; ++seed) {
        const String string = random_string(seed);
        for (const std::uint32_t frames : {1U, 2U, 3U, 5U, 9U, 17U, 30U}) {
            const std::uint64_t least = misses_of("opt", frames, string);
            for (const PolicyDescription& policy : policies()) {
                INFO(policy.name << ", " << frames << " frames, string " << seed);
                CHECK(misses_of(std::string(policy.name), frames, string) >= least);
            }
        }
    }
}

TEST_CASE("OPT with victims misses where OPT does, and evicts what is in memory") {
    for (std::uint32_t seed = 0; seed < 20; ++seed) {
        const String string = random_string(seed);
        const std::vector<Time> uses = next_uses_of(string);
        const auto hits = hits_of("opt", 7, string);
        OptimalReplacement policy(uses, 7);
        std::set<std::uint64_t> memory;
        for (std::size_t at = 0; at < string.size(); ++at) {
            const OptimalReplacement::Step step = policy.reference();
            REQUIRE(step.hit == (hits[at] != 0));
            REQUIRE(step.hit == memory.contains(string[at]));
            if (step.victim != never) REQUIRE(memory.erase(string[step.victim]) == 1);
            memory.insert(string[at]);
            REQUIRE(memory.size() <= 7);
        }
    }
}

TEST_CASE("Page numbers and how they are indexed do not matter") {
    const String string = random_string(5, 5000, 300);
    std::vector<std::uint32_t> small(string.begin(), string.end());
    String large = string;
    for (std::uint64_t& page : large) page = page * 0x123456789abcdef + 99;
    for (const PolicyDescription& policy : policies()) {
        if (policy.knows_the_future()) continue;
        INFO(policy.name);
        std::vector<std::uint8_t> expected(string.size());
        std::vector<std::uint8_t> direct(string.size());
        std::vector<std::uint8_t> hashed(string.size());
        policy.make_hashed(Options(40))->play(string, expected);
        policy.make_direct(Options(40, 300))->play(small, direct);
        const auto replay = policy.make_hashed(Options(40));
        for (std::size_t at = 0; at < string.size(); at += 7) { // and in pieces
            const std::size_t count = std::min<std::size_t>(7, string.size() - at);
            replay->play(std::span(large).subspan(at, count), std::span(hashed).subspan(at, count));
        }
        CHECK(direct == expected);
        CHECK(hashed == expected);
        CHECK(replay->misses() == static_cast<std::uint64_t>(std::ranges::count(expected, 0)));
    }
}

// Page numbers that all hash alike: n times the inverse of what the hash multiplies by.
static std::uint64_t page_hashed_alike(std::uint64_t n) {
    constexpr std::uint64_t factor = 0x9E37'79B9'7F4A'7C15;
    std::uint64_t inverse = factor; // right in 3 bits, and in twice as many with every step
    for (int step = 0; step < 5; ++step) inverse *= 2 - factor * inverse;
    return n * inverse;
}

// Blocks that can be taken together and such that cannot, memory that fills and the hand's way round.
TEST_CASE("The clock in blocks does what the clock does, over small page numbers, any, and such as hash alike") {
    for (const std::uint32_t frames : {1U, 2U, 63U, 64U, 200U, 1500U, 4000U})
        for (const std::string bits : {"1", "2", "6", "7"}) {
            INFO(frames << " frames, " << bits << " bits");
            std::mt19937 random(frames);
            std::vector<std::uint32_t> small(60'000);
            for (std::size_t at = 0; at < small.size(); ++at) {
                const std::size_t among = random() % 4 == 0 ? 3000 : 1 + at / 3000 * 150; // more and more
                small[at] = static_cast<std::uint32_t>(random() % among);
            }
            const String string(small.begin(), small.end());
            String alike = string;
            for (std::uint64_t& page : alike) page = page_hashed_alike(page);
            const PolicyChoice choice = parse_policy("clock:bits=" + bits);
            const Options options(frames, 3000, choice.parameters);
            std::vector<std::uint8_t> expected(string.size());
            ReplayOf<Clock, HashedIndex>(options).play(string, expected);
            std::vector<std::uint8_t> hits(small.size());
            choice.description->make_direct(options)->play(small, hits);
            CHECK(hits == expected);
            choice.description->make_hashed(options)->play(string, hits);
            CHECK(hits == expected);
            // Where all are in the same few buckets every one of them is gone through.
            const std::size_t some = frames < 1000 ? alike.size() : 6000;
            hits.resize(some);
            choice.description->make_hashed(options)->play(std::span(alike).first(some), hits);
            CHECK(std::ranges::equal(hits, std::span(expected).first(some)));
            const auto only_counts = choice.description->make_direct(options);
            for (std::size_t at = 0; at < small.size(); at += 1000)
                only_counts->play(std::span(small).subspan(at, 1000));
            CHECK(only_counts->misses() == static_cast<std::uint64_t>(std::ranges::count(expected, 0)));
        }
}

TEST_CASE("A kernel's view: what was inserted and neither evicted nor removed is in memory") {
    for (const PolicyDescription& description : policies()) {
        if (description.knows_the_future() || description.name == "working-set")
            continue; // whose pages leave by themselves
        INFO(description.name);
        std::mt19937 random(3);
        const auto policy = description.make_policy(Options(16));
        std::set<std::uint64_t> memory;
        for (int step = 0; step < 20'000; ++step) {
            const std::uint64_t page = random() % 40;
            if (memory.contains(page)) {
                if (random() % 8 == 0) {
                    policy->remove(page);
                    memory.erase(page);
                } else {
                    policy->referenced(page, random() % 2 == 0);
                }
            } else {
                while (memory.size() >= 16 || (!memory.empty() && random() % 16 == 0))
                    REQUIRE(memory.erase(policy->evict()) == 1);
                policy->insert(page);
                memory.insert(page);
            }
            REQUIRE(policy->size() == memory.size());
        }
        for (std::uint64_t page = 0; page < 40; ++page) CHECK(policy->contains(page) == memory.contains(page));
    }
}

TEST_CASE("While its hand has not come round, SIEVE is LFU") {
    std::size_t compared = 0;
    for (std::uint32_t seed = 0; seed < 200; ++seed) {
        std::mt19937 random(seed);
        Sieve<HashedIndex> sieve(Options(60));
        String string;
        std::vector<std::uint8_t> hits;
        for (int at = 0; at < 400; ++at) {
            const std::uint64_t page = random() % (1 + random() % 120);
            const Slot slot = sieve.index.find(page);
            if (slot != no_slot) {
                sieve.hit(slot);
            } else {
                if (sieve.size() == 60) sieve.evict();
                if (sieve.rounds() > 0) break;
                sieve.insert(page, no_slot);
            }
            string.push_back(page);
            hits.push_back(slot != no_slot);
        }
        compared += string.size() > 200;
        CHECK(hits == hits_of("lfu", 60, string));
    }
    CHECK(compared > 100);
}

TEST_CASE("A scan longer than the memory: LRU never hits, MRU keeps the beginning") {
    String string;
    for (int round = 0; round < 10; ++round)
        for (std::uint64_t page = 0; page < 5; ++page) string.push_back(page);
    CHECK(misses_of("lru", 4, string) == 50);
    CHECK(misses_of("mru", 4, string) < 20);
    CHECK(misses_of("working-set:window=5", 5, string) == 5);
    CHECK(misses_of("working-set:window=4", 5, string) == 50);
}

TEST_CASE("Policies are written with their parameters") {
    CHECK(parse_policy("clock:bits=3").parameters.at(0).value == "3");
    CHECK(misses_of("2q:in=100%:out=0", 6, random_string(1)) == misses_of("fifo", 6, random_string(1)));
    const auto said = [](const char* text) {
        try {
            const PolicyChoice choice = parse_policy(text);
            choice.description->make_hashed(Options(8, 0, choice.parameters));
        } catch (const InputError& error) {
            return std::string(error.what());
        }
        return std::string("no error");
    };
    CHECK(said("lrru").starts_with("unknown replacement policy 'lrru' (did you mean 'lru'?); there are: fifo, lru, "));
    CHECK(said("lru:bits=1") == "policy lru has no parameters: 'lru:bits=1'");
    CHECK(said("clock:bit=1") == "policy clock has no parameter 'bit' (did you mean 'bits'?); it has: bits");
    CHECK(said("clock:bits") == "parameter bits of policy clock has no value: 'clock:bits'");
    CHECK(said("clock:bits=1:bits=2") == "parameter bits is given twice: 'clock:bits=1:bits=2'");
    CHECK(said("clock:bits=8") == "'8' for bits is no number from 1 to 7");
    CHECK(said("2q:in=101%") == "'101%' for in is more than all frames");
}
