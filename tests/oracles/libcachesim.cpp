// libCacheSim, cache->get() on objects of one unit: every hit and miss, by count, by tenth and by hash.
#include "formats/reference_trace.hpp"
#include "sim/memory/replacement/optimal.hpp"
#include "sim/memory/replacement/registry.hpp"
#include "tests/oracles/oracle.hpp"

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>
#include <map>

using namespace switchyard;
using namespace switchyard::oracles;
using namespace switchyard::sim::replacement;

namespace {

// Pages numbered in the order they come.
struct Trace {
    std::vector<std::uint32_t> references;
    std::size_t pages = 0;
    std::vector<Time> next_uses;
};

Trace renumbered(std::span<const std::uint64_t> references) {
    Trace trace;
    HashedIndex numbers(0, 1024);
    for (const std::uint64_t page : references) {
        const Slot known = numbers.find(page);
        trace.references.push_back(known != no_slot ? known : numbers.add(page));
    }
    trace.pages = numbers.bound();
    NextUses<DirectIndex> uses(trace.pages, references.size());
    uses.add(trace.references);
    trace.next_uses.assign(uses.times().begin(), uses.times().end());
    return trace;
}

const Trace& trace_named(const std::string& name) {
    static std::map<std::string, Trace> traces;
    if (const auto known = traces.find(name); known != traces.end()) return known->second;
    formats::ReferenceTrace file(path_of("memory/traces/" + name + ".txt.zst"));
    std::vector<std::uint64_t> pages;
    std::vector<formats::MemoryReference> some(4096);
    while (const std::size_t count = file.read(some))
        for (std::size_t i = 0; i < count; ++i) pages.push_back(some[i].page(12));
    return traces.emplace(name, renumbered(pages)).first->second;
}

// Our name of what libCacheSim calls so.
std::string policy_of(const std::string& algorithm, const std::string& parameters) {
    std::string name = algorithm == "belady" ? "opt" : algorithm == "s3fifo" ? "s3-fifo" : algorithm;
    if (const std::string bits = "n-bit-counter="; parameters.starts_with(bits))
        name += ":bits=" + parameters.substr(bits.size());
    else if (!parameters.empty())
        throw std::invalid_argument("unknown parameters " + parameters);
    return name;
}

std::vector<std::uint8_t> hits_of(const Trace& trace, const std::string& policy, std::uint32_t frames) {
    std::vector<std::uint8_t> hits(trace.references.size());
    const PolicyChoice choice = parse_policy(policy);
    if (choice.description->knows_the_future())
        static_cast<void>(optimal_misses(trace.next_uses, frames, hits));
    else
        choice.description->make_direct(Options(frames, trace.pages, choice.parameters))->play(trace.references, hits);
    return hits;
}

std::optional<std::string> check_row(const OracleCase& one) {
    const Json& row = one.document;
    const Trace& trace = trace_named(row.at("trace"));
    const auto hits = hits_of(trace, policy_of(row.at("algo"), row.at("params")), row.at("cache_size"));
    std::uint64_t misses = 0;
    std::uint64_t hash = 0xcbf29ce484222325; // FNV-1a
    Json tenths = Json::array();
    for (std::size_t at = 0; at < hits.size(); ++at) {
        misses += hits[at] == 0;
        hash = (hash ^ static_cast<std::uint64_t>(hits[at] + '0')) * 0x100000001b3; // of the text
        if ((at + 1) * 10 / hits.size() != at * 10 / hits.size()) tenths.push_back(misses);
    }
    Json expected;
    for (const char* key : {"requests", "distinct", "misses", "misses_at_tenths", "hits_fnv1a64"})
        expected[key] = row.at(key);
    return first_difference(expected, {{"requests", hits.size()},
                                       {"distinct", trace.pages},
                                       {"misses", misses},
                                       {"misses_at_tenths", tenths},
                                       {"hits_fnv1a64", fmt::format("{:016x}", hash)}});
}

std::optional<std::string> check_anomaly(const OracleCase& one) {
    const Trace trace = renumbered(one.document.at("string").get<std::vector<std::uint64_t>>());
    Json faults;
    for (const auto& [key, expected] : one.document.at("faults").items()) {
        const std::size_t at = key.find('@');
        const auto hits = hits_of(trace, policy_of(key.substr(0, at), ""),
                                  static_cast<std::uint32_t>(std::stoul(key.substr(at + 1))));
        faults[key] = std::ranges::count(hits, 0);
    }
    return first_difference(one.document.at("faults"), faults);
}

} // namespace

TEST_CASE("libCacheSim: every hit and miss of eleven policies") {
    check_cases("libcachesim", read_cases("memory/libcachesim"), [](const OracleCase& one) {
        return one.document.contains("algo") ? check_row(one) : check_anomaly(one);
    });
}
