// Explicit huge pages in scenarios: what they cost, how far a TLB reaches with them, and what happens without enough.
#include "models/errors.hpp"
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <catch2/catch_test_macros.hpp>
#include <functional>
#include <string>

using namespace switchyard;
using namespace switchyard::size_literals;
using namespace std::chrono_literals;

namespace {

Report run(std::uint32_t large_pages, std::uint32_t huge_pages, const std::function<void(ProgramBuilder&)>& program) {
    MachineMemory memory;
    memory.large_pages = large_pages;
    memory.huge_pages = huge_pages;
    CostProfile profile = free_profile();
    profile[Cost::fault_huge] = Law::constant(80us);
    return sim::simulate(ScenarioBuilder("huge").memory(memory).task("A", TaskKind::process, program).build(), profile);
}

Mapping mapping_of(Bytes size, Bytes page) {
    Mapping mapping;
    mapping.size = size;
    mapping.page_size = page;
    return mapping;
}

} // namespace

TEST_CASE("an explicit huge page costs as much as it has pieces of 2 MiB, and is one fault and one walk") {
    const auto touch = [](Bytes page) {
        return [=](ProgramBuilder& task) { task.map("b", mapping_of(1_GiB, page)).touch("b", Access::write); };
    };
    const Report large = run(512, 0, touch(2_MiB));
    const Report huge = run(0, 1, touch(1_GiB));
    for (const Report* report : {&large, &huge}) {
        CHECK(report->makespan == 512 * 80us);
        CHECK(report->counters.page_walks == report->counters.minor_faults);
    }
    CHECK(large.counters.minor_faults == 512);
    CHECK(huge.counters.minor_faults == 1);
}

TEST_CASE("an observation says how much is in explicit huge pages, and nothing else of them") {
    const Report report = run(4, 0, [](ProgramBuilder& task) {
        task.map("b", mapping_of(8_MiB, 2_MiB)).map("c", 4_KiB);
        Touch half;
        half.part.length = 4_MiB;
        task.touch("b", half).observe("half", "b").observe("other", "c");
    });
    REQUIRE(report.observations.size() == 2);
    const ObservedFigures& half = report.observations[0].figures;
    CHECK(half.hugetlb == (4_MiB).count);
    CHECK(half.resident == 0);
    CHECK(half.page_tables == 2 * 4096);
    CHECK_FALSE(report.observations[1].figures.hugetlb.has_value());
}

TEST_CASE("without enough huge pages the mapping is refused, or the process dies where none is left") {
    const auto wanted = [](bool reserve) {
        return [=](ProgramBuilder& task) {
            Mapping mapping = mapping_of(8_MiB, 2_MiB);
            mapping.reserve = reserve;
            task.map("b", mapping).touch("b", Access::write);
        };
    };
    CHECK_THROWS_AS(run(3, 0, wanted(true)), InputError);
    const Report report = run(3, 0, wanted(false));
    CHECK(report.counters.crashes == 1);
    CHECK(report.counters.minor_faults == 3);
    REQUIRE_FALSE(report.notes.empty());
    CHECK(report.notes.front().find("no huge page is left") != std::string::npos);
    CHECK(run(4, 0, wanted(true)).counters.crashes == 0);
}

TEST_CASE("what is set aside is not for others") {
    MachineMemory memory;
    memory.size = 8_MiB;
    memory.large_pages = 3;
    const Report report = sim::simulate(
        ScenarioBuilder("aside")
            .memory(memory)
            .task("A", TaskKind::process, [](ProgramBuilder& task) { task.map("b", 4_MiB).touch("b", Access::write); })
            .build(),
        free_profile());
    CHECK(report.counters.out_of_memory_kills == 1);
}
