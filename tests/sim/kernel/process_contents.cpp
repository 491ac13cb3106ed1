// What forks and ends of processes take the longer the more a process has of it, and what waiting for them does.
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace std::chrono_literals;

namespace {

constexpr Bytes mebibyte{1 << 20};

// Costs of which no two sums coincide.
constexpr Duration page = 1ns, table = 1us, huge = 30us, region = 400us, descriptor = 5ms;
constexpr Duration exit_page = 3ns, exit_table = 7us, exit_huge = 110us, exit_region = 1300us, exit_descriptor = 17ms;

CostProfile of_forks() {
    CostProfile profile = free_profile();
    profile[Cost::fork] = Law::affine(0, {{Quantity::pages, 1e3}});
    profile[Cost::fork_table] = Law::constant(table);
    profile[Cost::fork_huge_page] = Law::constant(huge);
    profile[Cost::fork_region] = Law::constant(region);
    profile[Cost::fork_descriptor] = Law::constant(descriptor);
    return profile;
}

CostProfile of_ends() {
    CostProfile profile = free_profile();
    profile[Cost::process_exit] = Law::affine(0, {{Quantity::pages, 3e3}});
    profile[Cost::process_exit_table] = Law::constant(exit_table);
    profile[Cost::process_exit_huge_page] = Law::constant(exit_huge);
    profile[Cost::process_exit_region] = Law::constant(exit_region);
    profile[Cost::process_exit_descriptor] = Law::constant(exit_descriptor);
    return profile;
}

ScenarioBuilder alone() {
    ScenarioBuilder scenario("contents");
    scenario.cores(1).hz(0).scheduler("rr", {{"slice", "1h"}});
    return scenario;
}

// What the kernel does for a process that prepares itself and forks a child that ends; when it ends itself all is over.
Duration in_kernel(const CostProfile& profile, const ProgramBuilder::Body& prepare, Bytes resident = {},
                   ScenarioBuilder scenario = alone()) {
    const Report report = sim::simulate(scenario
                                            .task(
                                                "A", TaskKind::process,
                                                [&](ProgramBuilder& task) {
                                                    prepare(task);
                                                    task.fork("child", [](auto& child) { child.exit(); }).wait("child");
                                                },
                                                [=](TaskTemplate& task) { task.resident = resident; })
                                            .build(),
                                        profile);
    return (*report.time)[static_cast<std::size_t>(TimeCategory::kernel)];
}

const ProgramBuilder::Body nothing = [](ProgramBuilder&) {};

ProgramBuilder::Body touching(Bytes size, Bytes stride, bool huge_pages = false) {
    return [=](ProgramBuilder& task) {
        Mapping mapping;
        mapping.size = size;
        mapping.huge = huge_pages;
        Touch touch;
        touch.access = Access::write;
        touch.pattern = AccessPattern::strided;
        touch.stride = stride;
        task.map("region", mapping).touch("region", touch);
    };
}

} // namespace

TEST_CASE("a fork copies entries into tables of 512") {
    CHECK(in_kernel(of_forks(), nothing) == 0ns);
    CHECK(in_kernel(of_forks(), nothing, base_page) == page + table);
    CHECK(in_kernel(of_forks(), nothing, base_page * 512) == 512 * page + table);
    CHECK(in_kernel(of_forks(), nothing, base_page * 513) == 513 * page + 2 * table);
    CHECK(in_kernel(of_ends(), nothing, base_page * 513) == 513 * exit_page + 2 * exit_table);
}

TEST_CASE("the same pages take a fork longer in tables of their own") {
    CHECK(in_kernel(of_forks(), touching(base_page * 16, base_page)) == 16 * page + table + region);
    CHECK(in_kernel(of_forks(), touching(mebibyte * 32, mebibyte * 2)) == 16 * page + 16 * table + region);
    CHECK(in_kernel(of_ends(), touching(mebibyte * 32, mebibyte * 2)) ==
          16 * exit_page + 16 * exit_table + exit_region);
}

TEST_CASE("a huge page is one entry, which costs as much as it costs") {
    CHECK(in_kernel(of_forks(), touching(mebibyte * 8, mebibyte * 2, true)) == 4 * huge + region);
    CHECK(in_kernel(of_ends(), touching(mebibyte * 8, mebibyte * 2, true)) == 4 * exit_huge + exit_region);
}

TEST_CASE("what others map as well is not copied, and not there at the end") {
    const auto shared = [](ProgramBuilder& task) {
        task.map("region", base_page * 16, RegionKind::shared).touch("region", Access::write);
    };
    CHECK(in_kernel(of_forks(), shared) == 0ns);
    CHECK(in_kernel(of_ends(), shared) == 0ns);
}

TEST_CASE("descriptors: both ends of a pipe, one of a socket or an eventfd") {
    const auto descriptors = [](ChannelKind kind, const std::string& sends, const std::string& receives) {
        ScenarioBuilder scenario = alone();
        scenario.channel("way", kind, [](Channel&) {});
        const auto uses = [=](ProgramBuilder& task) {
            task.repeat(0, [=](auto& never) { never.send(sends, Bytes{1}).receive(receives, Bytes{1}); });
        };
        return in_kernel(of_forks(), uses, {}, scenario) / descriptor;
    };
    CHECK(descriptors(ChannelKind::pipe, "way", "way") == 2);
    CHECK(descriptors(ChannelKind::tcp, "way.client", "way.client") == 1);
    CHECK(descriptors(ChannelKind::tcp, "way.client", "way.server") == 2);
}

TEST_CASE("an exec gives the memory up that a forked child has, and keeps its files") {
    const auto replaced = [](bool by_vfork) {
        const auto execs = [](ProgramBuilder& child) { child.exec([](auto& image) { image.exit(); }); };
        const Report report = sim::simulate(alone()
                                                .task(
                                                    "A", TaskKind::process,
                                                    [&](ProgramBuilder& task) {
                                                        if (by_vfork)
                                                            task.vfork("child", execs).wait("child");
                                                        else
                                                            task.fork("child", execs).wait("child");
                                                    },
                                                    [](TaskTemplate& task) { task.resident = base_page * 100; })
                                                .build(),
                                            of_ends());
        return (*report.time)[static_cast<std::size_t>(TimeCategory::kernel)];
    };
    CHECK(replaced(true) == 0ns);
    CHECK(replaced(false) == 100 * exit_page + exit_table);
}

TEST_CASE("a wait that finds an ended child frees what is left of it") {
    CostProfile profile = free_profile();
    profile[Cost::process_reap] = Law::constant(5us);
    CHECK(in_kernel(profile, nothing) == 5us);
    const Report report = sim::simulate(
        alone().task("A", TaskKind::process, [](auto& task) { task.wait_any().compute(1ms); }).build(), profile);
    CHECK(report.makespan == 1ms); // there is none
}
