// OSTEP, "Beyond Physical Memory: Policies" (vm-beyondphys-policy/paging-policy.py), reference by reference.
#include "sim/memory/replacement.hpp"
#include "tests/oracles/oracle.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace switchyard::oracles;

namespace {

template <class Policy>
Json play(const std::vector<sim::Page>& references, Policy policy) {
    Json played = {{"final", {{"hits", 0}, {"misses", 0}}}, {"trace", Json::array()}};
    int hits = 0;
    for (const sim::Page page : references) {
        const sim::Reference reference = policy.reference(page);
        Json memory = Json::array();
        for (sim::Page one = policy.resident().oldest(); one != sim::no_page; one = policy.resident().newer_than(one))
            memory.push_back(one);
        hits += reference.hit;
        played["trace"].push_back(
            {{"page", page},
             {"hit", reference.hit},
             {"memory", std::move(memory)},
             {"replaced", reference.victim == sim::no_page ? Json(nullptr) : Json(reference.victim)}});
    }
    played["final"] = {{"hits", hits}, {"misses", references.size() - static_cast<std::size_t>(hits)}};
    return played;
}

Json play_input(const Json& input) {
    using sim::RecencyReplacement;
    const auto references = input.at("references").get<std::vector<sim::Page>>();
    const sim::Page pages = references.empty() ? 0 : *std::ranges::max_element(references) + 1;
    const std::uint32_t frames = input.at("frames");
    const std::string policy = input.at("policy");
    if (policy == "FIFO") return play(references, sim::FifoReplacement(pages, frames));
    if (policy == "LRU")
        return play(references, RecencyReplacement(pages, frames, RecencyReplacement::Victim::least_recently_used));
    if (policy == "MRU")
        return play(references, RecencyReplacement(pages, frames, RecencyReplacement::Victim::most_recently_used));
    if (policy == "OPT") return play(references, sim::OptimalReplacement(pages, frames, references));
    throw std::invalid_argument("no replacement policy is called " + policy);
}

} // namespace

TEST_CASE("OSTEP's paging-policy.py: FIFO, LRU, MRU and OPT") {
    check_played("ostep paging", read_cases("scheduling/ostep", "paging-"), play_input);
}
