#include "models/machine/topology.hpp"

#include "models/errors.hpp"
#include "tests/models/says.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <set>
#include <string>

using namespace switchyard;

using Sets = std::vector<CoreSet>;

static CoreSet set_of(std::span<const std::uint32_t> cores) { return {cores.begin(), cores.end()}; }

// A core's domains as "SMT {0 1}: {0} {1}", the lowest first, the core's own group in brackets of its own.
static std::vector<std::string> domains_of(const Topology& topology, std::uint32_t core) {
    const auto text_of_cores = [&](CoreRange range, char begin, char end) {
        std::string text(1, begin);
        for (const std::uint32_t member : topology.cores(range))
            text += (text.size() > 1 ? " " : "") + std::to_string(member);
        return text + end;
    };
    std::vector<std::string> texts;
    for (const SchedulingDomain& domain : topology.domains(core)) {
        std::string text = std::string(name_of(domain.level)) + " " + text_of_cores(domain.span, '{', '}') + ":";
        std::uint32_t number = 0;
        for (const CoreRange group : topology.groups(domain))
            text += number++ == domain.local_group ? " " + text_of_cores(group, '[', ']')
                                                   : " " + text_of_cores(group, '{', '}');
        texts.push_back(text);
    }
    return texts;
}

TEST_CASE("cores of which nothing is said are separate, alike, in one node under one last-level cache", "[topology]") {
    const Topology topology(4);
    CHECK(topology.cores() == 4);
    CHECK(topology.physical_cores() == 4);
    CHECK(topology.caches() == 1);
    CHECK(topology.nodes() == 1);
    CHECK_FALSE(topology.is_asymmetric());
    CHECK(topology.speed(3) == nominal_speed);
    CHECK(set_of(topology.siblings(2)) == CoreSet{2});
    CHECK(set_of(topology.cores_of_cache(topology.cache(0))) == CoreSet{0, 1, 2, 3});
    CHECK(set_of(topology.cores_of_node(0)) == CoreSet{0, 1, 2, 3});
    CHECK(topology.node_distance(0, 0) == local_distance);
    CHECK(topology.distance(1, 1) == CoreDistance::same_core);
    CHECK(topology.distance(0, 3) == CoreDistance::cache);
    CHECK(domains_of(topology, 1) == std::vector<std::string>{"MC {0 1 2 3}: {0} [1] {2} {3}"});
    CHECK(text_of(topology) == "4 cores: 1 node, 1 last-level cache, 4 physical cores");
}

TEST_CASE("a machine of one core has no scheduling domain", "[topology]") {
    const Topology topology(1);
    CHECK(topology.domains(0).empty());
    CHECK(topology.domains() == 0);
}

TEST_CASE("two nodes of two caches of two cores of two threads", "[topology]") {
    const RegularTopology shape{.nodes = 2, .caches_per_node = 2, .cores_per_cache = 2, .threads_per_core = 2};
    REQUIRE(cores_of(shape) == 16);
    const Topology topology(16, describe(shape));
    CHECK(topology.nodes() == 2);
    CHECK(topology.caches() == 4);
    CHECK(topology.physical_cores() == 8);
    CHECK(set_of(topology.siblings(5)) == CoreSet{4, 5});
    CHECK(topology.physical_core(5) == 2);
    CHECK(topology.cache(5) == 1);
    CHECK(set_of(topology.cores_of_cache(1)) == CoreSet{4, 5, 6, 7});
    CHECK(topology.node(8) == 1);
    CHECK(topology.distance(4, 5) == CoreDistance::smt);
    CHECK(topology.distance(4, 7) == CoreDistance::cache);
    CHECK(topology.distance(4, 3) == CoreDistance::node);
    CHECK(topology.distance(4, 8) == CoreDistance::remote);
    CHECK(topology.node_distance(0, 1) == remote_distance);
    CHECK(domains_of(topology, 5) == std::vector<std::string>{
                                         "SMT {4 5}: {4} [5]",
                                         "MC {4 5 6 7}: [4 5] {6 7}",
                                         "PKG {0 1 2 3 4 5 6 7}: {0 1 2 3} [4 5 6 7]",
                                         "NUMA {0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15}: [0 1 2 3 4 5 6 7] "
                                         "{8 9 10 11 12 13 14 15}",
                                     });
    CHECK(topology.domains(5).back().node_distance == remote_distance);
    CHECK(topology.domains() == 8 + 4 + 2 + 1);
    CHECK(text_of(topology) == "16 cores: 2 nodes, 4 last-level caches, 8 physical cores of 2 threads");
}

TEST_CASE("a domain is one and the same for all cores in it", "[topology]") {
    const Topology topology(8, describe({.caches_per_node = 2, .cores_per_cache = 2, .threads_per_core = 2}));
    const auto id = [&](std::uint32_t core, std::size_t level) { return topology.domains(core)[level].id; };
    CHECK(id(0, 0) == id(1, 0));
    CHECK(id(0, 0) != id(2, 0));
    CHECK(id(0, 1) == id(3, 1));
    CHECK(id(0, 1) != id(4, 1));
    CHECK(id(0, 2) == id(7, 2));
    std::set<std::uint32_t> ids;
    for (std::uint32_t core = 0; core < 8; ++core)
        for (const SchedulingDomain& domain : topology.domains(core)) ids.insert(domain.id);
    CHECK(ids.size() == topology.domains());
    CHECK(*ids.rbegin() + 1 == topology.domains());
}

TEST_CASE("hardware threads may be numbered as firmware does: one thread of each physical core first", "[topology]") {
    const Topology topology(4, {
                                   .physical_cores = {{0, 2}, {3, 1}},
                               });
    CHECK(set_of(topology.siblings(3)) == CoreSet{1, 3});
    CHECK(topology.distance(0, 2) == CoreDistance::smt);
    CHECK(topology.distance(0, 1) == CoreDistance::cache);
    CHECK(domains_of(topology, 2) == std::vector<std::string>{"SMT {0 2}: {0} [2]", "MC {0 1 2 3}: [0 2] {1 3}"});
}

// Two fast cores with two threads and a private second-level cache each, four slow ones that share one.
static TopologyDescription hybrid() {
    return {.physical_cores = {{0, 1}, {2, 3}, {4}, {5}, {6}, {7}},
            .caches = {{2, {}, {0, 1}}, {2, {}, {2, 3}}, {2, {}, {4, 5, 6, 7}}, {3, {}, {0, 1, 2, 3, 4, 5, 6, 7}}},
            .speeds = {1000, 1000, 1000, 1000, 550, 550, 550, 550}};
}

TEST_CASE("a second-level cache of several cores is a cluster; levels that add nothing are left out", "[topology]") {
    const Topology topology(8, hybrid());
    CHECK(domains_of(topology, 3) ==
          std::vector<std::string>{"SMT {2 3}: {2} [3]", "MC {0 1 2 3 4 5 6 7}: {0 1} [2 3] {4 5 6 7}"});
    CHECK(domains_of(topology, 6) ==
          std::vector<std::string>{"CLS {4 5 6 7}: {4} {5} [6] {7}", "MC {0 1 2 3 4 5 6 7}: {0 1} {2 3} [4 5 6 7]"});
    CHECK(topology.caches() == 1);
    CHECK(topology.is_asymmetric());
    CHECK(topology.speed(7) == 550);
    CHECK(text_of(topology) == "8 cores: 1 node, 1 last-level cache, 6 physical cores of 1 to 2 threads, "
                               "the slowest at 55.0 % of the fastest's speed");
}

TEST_CASE("cores without a third-level cache have the second as their last", "[topology]") {
    TopologyDescription description = hybrid();
    description.caches.back().cores = {0, 1, 2, 3};
    const Topology topology(8, description);
    CHECK(topology.caches() == 2);
    CHECK(topology.distance(4, 5) == CoreDistance::cache);
    CHECK(topology.distance(3, 4) == CoreDistance::node);
    CHECK(domains_of(topology, 4) ==
          std::vector<std::string>{"MC {4 5 6 7}: [4] {5} {6} {7}", "PKG {0 1 2 3 4 5 6 7}: {0 1 2 3} [4 5 6 7]"});
}

TEST_CASE("a core in no described cache shares one with its siblings only", "[topology]") {
    const Topology topology(4, {
                                   .physical_cores = {{0, 1}, {2, 3}},
                                   .caches = {{3, {}, {0, 1}}},
                               });
    CHECK(topology.caches() == 2);
    CHECK(topology.distance(2, 3) == CoreDistance::smt);
    CHECK(topology.distance(1, 2) == CoreDistance::node);
}

// Four nodes in a ring, as some four-socket machines are: neighbours at 20, the one across at 30.
TEST_CASE("in a ring of nodes the groups of the outermost domain overlap", "[topology]") {
    const Topology topology(
        4, {
               .nodes = {{0}, {1}, {2}, {3}},
               .node_distances = {{10, 20, 30, 20}, {20, 10, 20, 30}, {30, 20, 10, 20}, {20, 30, 20, 10}},
           });
    // As kernel/sched/topology.c works it out in a comment for this very ring.
    CHECK(domains_of(topology, 0) ==
          std::vector<std::string>{"NUMA {0 1 3}: [0] {1} {3}", "NUMA {0 1 2 3}: [0 1 3] {1 2 3}"});
    CHECK(domains_of(topology, 1) ==
          std::vector<std::string>{"NUMA {0 1 2}: {0} [1] {2}", "NUMA {0 1 2 3}: [0 1 2] {0 2 3}"});
    CHECK(domains_of(topology, 2) ==
          std::vector<std::string>{"NUMA {1 2 3}: {1} [2] {3}", "NUMA {0 1 2 3}: {0 1 3} [1 2 3]"});
    CHECK(topology.domains(0)[0].node_distance == 20);
    CHECK(topology.domains(0)[1].node_distance == 30);
    CHECK(topology.domains(0)[1].id == topology.domains(2)[1].id);
    CHECK(topology.domains(0)[1].id != topology.domains(1)[1].id);
}

// Four nodes in a row: what is within 20 of the second reaches out of what is within 20 of the first.
TEST_CASE("a group that would reach out of its domain is taken from a level below", "[topology]") {
    const Topology topology(
        8, {
               .nodes = {{0, 1}, {2, 3}, {4, 5}, {6, 7}},
               .node_distances = {{10, 20, 30, 40}, {20, 10, 20, 30}, {30, 20, 10, 20}, {40, 30, 20, 10}},
           });
    CHECK(domains_of(topology, 0) == std::vector<std::string>{
                                         "MC {0 1}: [0] {1}",
                                         "NUMA {0 1 2 3}: [0 1] {2 3}",
                                         "NUMA {0 1 2 3 4 5}: [0 1 2 3] {4 5}",
                                         "NUMA {0 1 2 3 4 5 6 7}: [0 1 2 3 4 5] {2 3 4 5 6 7}",
                                     });
}

TEST_CASE("domains of every core grow, hold it in their local group, and are covered by their groups", "[topology]") {
    const Topology machines[] = {
        Topology(16, describe({.nodes = 2, .caches_per_node = 2, .cores_per_cache = 2, .threads_per_core = 2})),
        Topology(8, hybrid()),
        Topology(6, describe({.nodes = 3, .cores_per_cache = 2})),
        Topology(most_cores,
                 describe({.nodes = 8, .caches_per_node = 8, .cores_per_cache = 32, .threads_per_core = 2})),
        Topology(most_cores),
    };
    for (const Topology& topology : machines) {
        for (std::uint32_t core = 0; core < topology.cores(); ++core) {
            CoreSet inner{core};
            for (const SchedulingDomain& domain : topology.domains(core)) {
                const CoreSet span = set_of(topology.cores(domain.span));
                REQUIRE(span.size() > inner.size());
                REQUIRE(std::ranges::includes(span, inner));
                const auto groups = topology.groups(domain);
                REQUIRE(groups.size() > 1);
                REQUIRE(set_of(topology.cores(groups[domain.local_group])) == inner);
                inner = span;
            }
            REQUIRE((topology.cores() == 1 || inner.size() == topology.cores()));
        }
        for (std::uint32_t core = 0; core < topology.cores(); core += topology.cores() / 4) {
            for (const SchedulingDomain& domain : topology.domains(core)) {
                CoreSet covered;
                for (const CoreRange group : topology.groups(domain))
                    covered.insert(covered.end(), topology.cores(group).begin(), topology.cores(group).end());
                std::ranges::sort(covered);
                CHECK(covered == set_of(topology.cores(domain.span))); // once each: these machines have no overlap
            }
        }
    }
}

TEST_CASE("distance is the same there and back", "[topology]") {
    const Topology topology(8, hybrid());
    for (std::uint32_t a = 0; a < 8; ++a)
        for (std::uint32_t b = 0; b < 8; ++b) {
            CHECK(topology.distance(a, b) == topology.distance(b, a));
            CHECK((topology.distance(a, b) == CoreDistance::same_core) == (a == b));
        }
}

TEST_CASE("a description names its cores, if it says anything of them", "[topology]") {
    CHECK(cores_named({}) == 0);
    CHECK(cores_named(describe({.nodes = 2, .threads_per_core = 2})) == 4);
    CHECK(cores_named({.nodes = {{0, 1}, {2}}}) == 3);
    TopologyDescription fast_and_slow;
    fast_and_slow.speeds = {1000, 500};
    CHECK(cores_named(fast_and_slow) == 2);
}

TEST_CASE("a regular machine has at least one of everything and not too many cores", "[topology]") {
    CHECK_THROWS_MATCHES(cores_of({.nodes = 0}), InputError, says("at least one node, cache, core and thread"));
    CHECK_THROWS_MATCHES(cores_of({.nodes = 64, .caches_per_node = 65}), InputError,
                         says("64 nodes x 65 caches x 1 cores x 1 threads are more than 4096 cores"));
    const std::uint32_t huge = 1u << 31;
    CHECK_THROWS_AS(cores_of({huge, huge, huge, huge}), InputError); // 0 modulo 2^64
    CHECK(cores_of({.cores_per_cache = 4096}) == most_cores);
}

TEST_CASE("what describes no machine is refused, with what is wrong", "[topology]") {
    struct Broken {
        std::uint32_t cores;
        TopologyDescription description;
        const char* message;
    };
    const auto nodes = [](Sets sets) {
        TopologyDescription description;
        description.nodes = std::move(sets);
        return description;
    };
    const auto physical = [](Sets sets) {
        TopologyDescription description;
        description.physical_cores = std::move(sets);
        return description;
    };
    const auto caches = [](std::vector<SharedCache> sets) {
        TopologyDescription description;
        description.caches = std::move(sets);
        return description;
    };
    const auto distances = [](std::vector<std::vector<std::uint32_t>> table) {
        TopologyDescription description;
        description.nodes = {{0}, {1}};
        description.node_distances = std::move(table);
        return description;
    };
    const auto speeds = [](std::vector<std::uint32_t> values) {
        TopologyDescription description;
        description.speeds = std::move(values);
        return description;
    };
    const Broken table[] = {
        {0, {}, "a machine cannot have 0 cores: write 1 to 4096"},
        {4097, {}, "a machine cannot have 4097 cores"},
        {2, physical({{0}}), "core 1 is in no physical core"},
        {2, physical({{0}, {0, 1}}), "core 0 is in two physical cores"},
        {2, physical({{0, 0}, {1}}), "core 0 is named twice in a physical core"},
        {2, physical({{0, 1}, {}}), "a physical core without cores is none"},
        {2, physical({{0, 1, 2}}), "there is no core 2: the machine has 2"},
        {2, nodes({{0}}), "core 1 is in no node"},
        {2, nodes({{0, 1}, {1}}), "core 1 is in two nodes"},
        {2, caches({{2, {}, {0, 1}}, {2, {}, {1}}}), "core 1 is in two caches of one level"},
        {2, caches({{1, {}, {0, 1}}}), "a cache of the first level"},
        {2, caches({{2, Bytes{-1}, {0, 1}}}), "size of a cache"},
        {4, caches({{2, {}, {0, 1, 2}}, {3, {}, {0, 1}}, {3, {}, {2, 3}}}), "cores 0 and 2 share a cache, but not"},
        {2, {.physical_cores = {{0, 1}}, .nodes = {{0}, {1}}}, "cores 0 and 1 share a physical core, but"},
        {2, distances({{10, 20}}), "distances from 1 nodes, but 2"},
        {2, distances({{10, 20}, {20}}), "node 1 has 1 distances: give one to each of 2"},
        {2, distances({{10, 20}, {20, 11}}), "from node 1 to node 1 it cannot be 11"},
        {2, distances({{10, 9}, {20, 10}}), "from node 0 to node 1 it cannot be 9"},
        {2, speeds({1000}), "there are 1 speeds for 2 cores"},
        {2, speeds({1000, 0}), "core 1 cannot have 0 thousandths"},
        {1, speeds({100'001}), "write 1 to 100000"},
    };
    for (const Broken& broken : table) {
        CHECK_THROWS_MATCHES(validate(broken.cores, broken.description), InputError, says(broken.message));
        CHECK_THROWS_AS(Topology(broken.cores, broken.description), InputError);
    }
    CHECK_NOTHROW(validate(8, hybrid()));
}
