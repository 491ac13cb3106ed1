#include "native/machine/topology.hpp"

#include "models/errors.hpp"
#include "models/machine/topology.hpp"
#include "native/measurement/isolation.hpp"
#include "tests/formats/scratch_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>
#include <string>

using namespace switchyard;
using namespace switchyard::native;
using namespace switchyard::size_literals;

// A folder that looks like /sys/devices/system.
class Sysfs {
public:
    explicit Sysfs(const std::string& online) { write("cpu/online", online); }

    void cpu(int cpu, const std::string& file, const std::string& text) {
        write(fmt::format("cpu/cpu{}/{}", cpu, file), text);
    }
    void cache(int cpu, int index, int level, const std::string& type, const std::string& size,
               const std::string& shared) {
        const std::string folder = fmt::format("cpu/cpu{}/cache/index{}/", cpu, index);
        write(folder + "level", std::to_string(level));
        write(folder + "type", type);
        write(folder + "size", size);
        write(folder + "shared_cpu_list", shared);
    }
    void node(int node, const std::string& cpus, const std::string& distances) {
        write(fmt::format("node/node{}/cpulist", node), cpus);
        write(fmt::format("node/node{}/distance", node), distances);
    }
    [[nodiscard]] MachineTopology read(const std::vector<int>& cpus = {}) const {
        const MachineTopology machine = read_topology(folder_ / "", cpus);
        CHECK_NOTHROW(validate(static_cast<std::uint32_t>(machine.cpus.size()), machine.description));
        return machine;
    }

private:
    void write(const std::string& file, const std::string& text) { folder_.write(file, text + "\n"); }

    formats::ScratchFolder folder_;
};

// Two sockets of two physical cores with two threads, numbered as PC firmware does: 0 and 4 are siblings.
static MachineTopology two_sockets(const std::vector<int>& cpus = {}) {
    Sysfs sysfs("0-7");
    for (int cpu = 0; cpu < 8; ++cpu) {
        const std::string siblings = fmt::format("{},{}", cpu % 4, cpu % 4 + 4);
        const std::string socket = cpu % 4 < 2 ? "0-1,4-5" : "2-3,6-7";
        sysfs.cpu(cpu, "topology/core_cpus_list", siblings);
        sysfs.cpu(cpu, "topology/package_cpus_list", socket);
        sysfs.cache(cpu, 0, 1, "Data", "32K", siblings);
        sysfs.cache(cpu, 1, 1, "Instruction", "32K", siblings);
        sysfs.cache(cpu, 2, 2, "Unified", "1024K", siblings);
        sysfs.cache(cpu, 3, 3, "Unified", "16384K", socket);
    }
    sysfs.node(0, "0-1,4-5", "10 21");
    sysfs.node(1, "2-3,6-7", "21 10");
    return sysfs.read(cpus);
}

TEST_CASE("threads, caches, nodes and distances are as sysfs lists them", "[topology]") {
    const MachineTopology machine = two_sockets();
    CHECK(machine.cpus == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7});
    CHECK(machine.description.physical_cores == std::vector<CoreSet>{{0, 4}, {1, 5}, {2, 6}, {3, 7}});
    CHECK(machine.description.nodes == std::vector<CoreSet>{{0, 1, 4, 5}, {2, 3, 6, 7}});
    CHECK(machine.description.node_distances == std::vector<std::vector<std::uint32_t>>{{10, 21}, {21, 10}});
    CHECK(machine.description.caches == std::vector<SharedCache>{{3, 16_MiB, {0, 1, 4, 5}},
                                                                 {3, 16_MiB, {2, 3, 6, 7}},
                                                                 {2, 1_MiB, {0, 4}},
                                                                 {2, 1_MiB, {1, 5}},
                                                                 {2, 1_MiB, {2, 6}},
                                                                 {2, 1_MiB, {3, 7}}});
    CHECK(machine.description.speeds.empty());
    CHECK(text_of(Topology(8, machine.description)) ==
          "8 cores: 2 nodes, 2 last-level caches, 4 physical cores of 2 threads");
}

TEST_CASE("of some processors only, cores are counted from 0", "[topology]") {
    const MachineTopology machine = two_sockets({7, 2, 3});
    CHECK(machine.cpus == std::vector<int>{2, 3, 7});
    CHECK(machine.description.physical_cores == std::vector<CoreSet>{{0}, {1, 2}});
    CHECK(machine.description.nodes == std::vector<CoreSet>{{0, 1, 2}});
    CHECK(machine.description.node_distances == std::vector<std::vector<std::uint32_t>>{{10}});
}

TEST_CASE("a kernel before 5.3 says the same under other names", "[topology]") {
    Sysfs sysfs("0-3");
    for (int cpu = 0; cpu < 4; ++cpu) {
        sysfs.cpu(cpu, "topology/thread_siblings_list", cpu < 2 ? "0-1" : "2-3");
        sysfs.cpu(cpu, "topology/core_siblings_list", "0-3");
    }
    const MachineTopology machine = sysfs.read();
    CHECK(machine.description.physical_cores == std::vector<CoreSet>{{0, 1}, {2, 3}});
    CHECK(machine.description.caches == std::vector<SharedCache>{{0, {}, {0, 1, 2, 3}}});
}

TEST_CASE("where caches are not told of, a package has one", "[topology]") {
    Sysfs sysfs("0-3");
    for (int cpu = 0; cpu < 4; ++cpu) sysfs.cpu(cpu, "topology/package_cpus_list", cpu < 2 ? "0-1" : "2-3");
    const Topology topology(4, sysfs.read().description);
    CHECK(topology.caches() == 2);
    CHECK(topology.distance(0, 1) == CoreDistance::cache);
    CHECK(topology.distance(1, 2) == CoreDistance::node);
}

TEST_CASE("where nothing is told of, cores are separate, in one node with one cache", "[topology]") {
    const MachineTopology machine = Sysfs("0,2-3").read();
    CHECK(machine.cpus == std::vector<int>{0, 2, 3});
    const Topology topology(3, machine.description);
    CHECK(topology.physical_cores() == 3);
    CHECK(topology.caches() == 1);
    CHECK(topology.nodes() == 1);
    CHECK_FALSE(topology.is_asymmetric());
}

// Sub-NUMA clustering: one cache of the processor, its cores in two nodes. Linux's scheduler sees two caches.
TEST_CASE("a cache that crosses the border of a node counts as one in each", "[topology]") {
    Sysfs sysfs("0-3");
    for (int cpu = 0; cpu < 4; ++cpu) sysfs.cache(cpu, 3, 3, "Unified", "32768K", "0-3");
    sysfs.node(0, "0-1", "10 11");
    sysfs.node(1, "2-3", "11 10");
    const MachineTopology machine = sysfs.read();
    CHECK(machine.description.caches == std::vector<SharedCache>{{3, 32_MiB, {0, 1}}, {3, 32_MiB, {2, 3}}});
}

TEST_CASE("nodes without processors are left out, with their distances", "[topology]") {
    Sysfs sysfs("0-1");
    sysfs.node(0, "0", "10 14 20");
    sysfs.node(2, "", "14 10 24"); // memory only; node 1 is offline
    sysfs.node(3, "1", "20 24 10");
    const MachineTopology machine = sysfs.read();
    CHECK(machine.description.nodes == std::vector<CoreSet>{{0}, {1}});
    CHECK(machine.description.node_distances == std::vector<std::vector<std::uint32_t>>{{10, 20}, {20, 10}});
}

TEST_CASE("capacities are speeds, the fastest core's being nominal", "[topology]") {
    Sysfs sysfs("0-3");
    for (int cpu = 0; cpu < 4; ++cpu) sysfs.cpu(cpu, "cpu_capacity", cpu < 2 ? "1024" : "446");
    CHECK(sysfs.read().description.speeds == std::vector<std::uint32_t>{1000, 1000, 436, 436}); // 435.5
    CHECK(sysfs.read({0, 1}).description.speeds.empty());
    CHECK(sysfs.read({2, 3}).description.speeds == std::vector<std::uint32_t>{436, 436});
}

TEST_CASE("some cores may have no third-level cache", "[topology]") {
    Sysfs sysfs("0-3");
    for (int cpu = 0; cpu < 4; ++cpu) sysfs.cache(cpu, 2, 2, "Unified", "2048K", cpu < 2 ? "0-1" : "2-3");
    for (int cpu = 0; cpu < 2; ++cpu) sysfs.cache(cpu, 3, 3, "Unified", "24576K", "0-1");
    const Topology topology(4, sysfs.read().description);
    CHECK(topology.distance(2, 3) == CoreDistance::cache);
    CHECK(topology.distance(1, 2) == CoreDistance::node);
}

TEST_CASE("what is illegible counts as not said", "[topology]") {
    for (const char* broken : {"x", "0-", "-1", "3-1", "0;1", "0-9999999", "0,,1"}) {
        Sysfs sysfs("0-1");
        for (int cpu = 0; cpu < 2; ++cpu) {
            sysfs.cpu(cpu, "topology/core_cpus_list", broken);
            sysfs.cpu(cpu, "cpu_capacity", "fast");
            sysfs.cache(cpu, 3, 3, "Unified", "big", broken);
        }
        sysfs.node(0, "0", "10");
        sysfs.node(1, "1", "20 ten");
        INFO(broken);
        const MachineTopology machine = sysfs.read();
        CHECK(machine.description.physical_cores == std::vector<CoreSet>{{0}, {1}});
        CHECK(machine.description.caches.empty());
        CHECK(machine.description.node_distances.empty());
        CHECK(machine.description.speeds.empty());
    }
}

TEST_CASE("without a list of processors there is no topology", "[topology]") {
    const formats::ScratchFolder empty;
    CHECK_THROWS_AS(read_topology(empty / ""), SystemError);
}

TEST_CASE("this machine's own topology holds every processor this program may use", "[topology]") {
    const std::vector<int> cpus = allowed_cpus();
    const MachineTopology machine = read_topology("/sys/devices/system", cpus);
    CHECK(machine.cpus == cpus);
    const Topology topology(static_cast<std::uint32_t>(cpus.size()), machine.description);
    CHECK(topology.physical_cores() >= 1);
    CHECK(topology.nodes() >= 1);
}
