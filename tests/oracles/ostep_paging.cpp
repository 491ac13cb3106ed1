// OSTEP, "Beyond Physical Memory: Policies" (vm-beyondphys-policy/paging-policy.py), reference by reference. Its memory
// is a list that pages are appended to. Where what it calls a policy is one of ours, ours says which page goes; its
// RAND and its CLOCK (which has no hand: it draws pages until it meets one without second chances) index that list with
// CPython's random numbers, and its UNOPT, the opposite of OPT, are replayed here.
#include "models/errors.hpp"
#include "sim/memory/replacement/optimal.hpp"
#include "sim/memory/replacement/registry.hpp"
#include "tests/oracles/oracle.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <optional>

using namespace switchyard;
using namespace switchyard::oracles;
using namespace switchyard::sim::replacement;

namespace {

using Page = std::uint64_t;
using Memory = std::vector<Page>;

// CPython's random.seed(seed, version=1) and random.random(): MT19937, initialized by an array of one word (Matsumoto
// and Nishimura 1998; the initialization of 2002).
class PythonRandom {
public:
    explicit PythonRandom(std::uint32_t seed) {
        state_[0] = 19650218;
        for (std::uint32_t i = 1; i < words; ++i) state_[i] = 1812433253U * (state_[i - 1] ^ (state_[i - 1] >> 30)) + i;
        std::uint32_t i = 1;
        const auto next = [&] {
            if (++i < words) return;
            state_[0] = state_[words - 1];
            i = 1;
        };
        for (std::uint32_t k = 0; k < words; ++k, next())
            state_[i] = (state_[i] ^ ((state_[i - 1] ^ (state_[i - 1] >> 30)) * 1664525U)) + seed;
        for (std::uint32_t k = 1; k < words; ++k, next())
            state_[i] = (state_[i] ^ ((state_[i - 1] ^ (state_[i - 1] >> 30)) * 1566083941U)) - i;
        state_[0] = 0x80000000U;
    }
    double random() {
        const std::uint32_t a = word() >> 5;
        const std::uint32_t b = word() >> 6;
        return (a * 67108864.0 + b) / 9007199254740992.0;
    }
    std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random() * static_cast<double>(bound)); }

private:
    static constexpr std::uint32_t words = 624;
    std::uint32_t word() {
        if (at_ == words) {
            for (std::uint32_t i = 0; i < words; ++i) {
                const std::uint32_t y = (state_[i] & 0x80000000U) | (state_[(i + 1) % words] & 0x7fffffffU);
                state_[i] = state_[(i + 397) % words] ^ (y >> 1) ^ ((y & 1) != 0 ? 0x9908b0dfU : 0);
            }
            at_ = 0;
        }
        std::uint32_t y = state_[at_++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c5680U;
        y ^= (y << 15) & 0xefc60000U;
        return y ^ (y >> 18);
    }

    std::array<std::uint32_t, words> state_{};
    std::uint32_t at_ = words;
};

struct Step {
    Page page = 0;
    bool hit = false;
    std::optional<Page> victim;
    Memory memory; // afterwards
};

struct Run {
    std::string policy;
    std::uint32_t frames = 1;
    std::vector<Page> references;
    int clock_bits = 2;
    std::uint32_t seed = 0;
    Page drawn_below = 0; // pages were drawn at random first
};

// What goes when the memory is full; told of every reference beforehand.
struct Chooser {
    std::function<void(Page page, bool hit)> reference = [](Page, bool) {};
    std::function<Page(const Memory& memory, std::size_t now)> victim;
};

Chooser one_of_ours(const std::string& name, std::uint32_t frames) {
    const std::shared_ptr<Policy> policy = parse_policy(name).description->make_policy(Options(frames));
    return {.reference = [policy](Page page, bool hit) { hit ? policy->referenced(page) : policy->insert(page); },
            .victim = [policy](const Memory&, std::size_t) { return policy->evict(); }};
}

Chooser optimal(const Run& run) {
    const auto uses = std::make_shared<NextUses<HashedIndex>>();
    uses->add(run.references);
    const auto policy = std::make_shared<OptimalReplacement>(uses->times(), run.frames);
    const auto step = std::make_shared<OptimalReplacement::Step>();
    // The victim is asked for before the page is loaded; a hit has to be told.
    return {.reference =
                [policy, step, uses](Page, bool hit) {
                    if (hit || step->victim == never) *step = policy->reference();
                    *step = {};
                },
            .victim =
                [policy, step, run](const Memory&, std::size_t) {
                    *step = policy->reference();
                    return run.references.at(step->victim);
                }};
}

Chooser worst(const Run& run) {
    return {.victim = [run](const Memory& memory, std::size_t now) {
        const auto next_use = [&](Page page) {
            return std::find(run.references.begin() + static_cast<std::ptrdiff_t>(now) + 1, run.references.end(), page);
        };
        return *std::ranges::min_element(memory, {}, next_use);
    }};
}

Chooser drawn(const Run& run) {
    const auto random = std::make_shared<PythonRandom>(run.seed);
    if (run.drawn_below > 0)
        for (const Page page : run.references)
            if (random->below(run.drawn_below) != page) throw InputError("the pages are not those drawn");
    if (run.policy == "RAND")
        return {.victim = [random](const Memory& memory, std::size_t) { return memory[random->below(memory.size())]; }};
    const auto chances = std::make_shared<std::map<Page, int>>();
    return {.reference =
                [chances, run](Page page, bool hit) {
                    int& count = (*chances)[page];
                    count = hit ? std::min(count + 1, run.clock_bits) : 1;
                },
            .victim =
                [chances, random](const Memory& memory, std::size_t) {
                    for (;;) {
                        const Page page = memory[random->below(memory.size())];
                        if (int& count = (*chances)[page]; count > 0)
                            --count;
                        else
                            return page;
                    }
                }};
}

Chooser chooser_of(const Run& run) {
    if (run.policy == "FIFO") return one_of_ours("fifo", run.frames);
    if (run.policy == "LRU") return one_of_ours("lru", run.frames);
    if (run.policy == "MRU") return one_of_ours("mru", run.frames);
    if (run.policy == "OPT") return optimal(run);
    if (run.policy == "UNOPT") return worst(run);
    if (run.policy == "RAND" || run.policy == "CLOCK") return drawn(run);
    throw InputError("no replacement policy is called " + run.policy);
}

std::vector<Step> play(const Run& run) {
    const Chooser chooser = chooser_of(run);
    const bool by_recency = run.policy == "LRU" || run.policy == "MRU";
    std::vector<Step> steps;
    Memory memory;
    for (std::size_t now = 0; now < run.references.size(); ++now) {
        Step step{.page = run.references[now], .hit = false, .victim = {}, .memory = {}};
        const auto found = std::ranges::find(memory, step.page);
        step.hit = found != memory.end();
        if (step.hit && by_recency) std::rotate(found, found + 1, memory.end());
        if (!step.hit && memory.size() == run.frames) {
            step.victim = chooser.victim(memory, now);
            if (std::erase(memory, *step.victim) != 1) throw InputError("a page goes that is not there");
        }
        chooser.reference(step.page, step.hit);
        if (!step.hit) memory.push_back(step.page);
        step.memory = memory;
        steps.push_back(std::move(step));
    }
    return steps;
}

Json or_null(const std::optional<Page>& page) { return page ? Json(*page) : Json(nullptr); }

// The scheduling work's rows: a record a reference.
Json play_records(const Json& input) {
    Json trace = Json::array();
    std::size_t hits = 0;
    const Run run{.policy = input.at("policy"),
                  .frames = input.at("frames"),
                  .references = input.at("references").get<std::vector<Page>>()};
    for (const Step& step : play(run)) {
        hits += step.hit;
        trace.push_back(
            {{"page", step.page}, {"hit", step.hit}, {"memory", step.memory}, {"replaced", or_null(step.victim)}});
    }
    return {{"final", {{"hits", hits}, {"misses", run.references.size() - hits}}}, {"trace", std::move(trace)}};
}

// The memory work's rows: an array a column.
Json play_columns(const Json& input) {
    const Run run{.policy = input.at("policy"),
                  .frames = input.at("cache_size"),
                  .references = input.at("addresses").get<std::vector<Page>>(),
                  .clock_bits = input.at("clockbits"),
                  .seed = input.at("seed"),
                  .drawn_below = input.at("addresses_given").get<bool>() ? 0 : input.at("maxpage").get<Page>()};
    Json hit = Json::array();
    Json memory = Json::array();
    Json victim = Json::array();
    std::size_t hits = 0;
    for (const Step& step : play(run)) {
        hits += step.hit;
        hit.push_back(step.hit);
        memory.push_back(step.memory);
        victim.push_back(or_null(step.victim));
    }
    const std::size_t all = run.references.size();
    const double rate = 100.0 * static_cast<double>(hits) / static_cast<double>(all);
    return {{"hit", std::move(hit)},       {"memory_after", std::move(memory)},
            {"victim", std::move(victim)}, {"hits", hits},
            {"misses", all - hits},        {"hitrate", fmt::format("{:.2f}", rate)}};
}

} // namespace

TEST_CASE("OSTEP's paging-policy.py: FIFO, LRU, MRU and OPT") {
    check_played("ostep paging", read_cases("scheduling/ostep", "paging-"), play_records);
}

TEST_CASE("OSTEP's paging-policy.py: also RAND, CLOCK and UNOPT") {
    check_played("ostep paging-policy", read_cases("memory/ostep/paging-policy"), play_columns);
}
